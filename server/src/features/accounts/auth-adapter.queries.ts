import type { CleanedWhere, CustomAdapter, DBAdapterInstance } from 'better-auth/adapters'
import { createAdapterFactory } from 'better-auth/adapters'
import {
  and,
  asc,
  count,
  desc,
  eq,
  gt,
  gte,
  inArray,
  isNotNull,
  isNull,
  lt,
  lte,
  ne,
  notInArray,
  or,
  type SQL,
  sql,
} from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { Read, Tx } from '../../db/db.ts'
import type { Tables as DbTables } from '../../db/tables.ts'

/** A table whose columns are found by name, as better-auth names them at run time. */
export type AuthTable = PgTable & Readonly<Record<string, PgColumn>>
type Doors = { readonly read: Read; write<T>(work: (tx: Tx) => Promise<T>): Promise<T> }
type Tables = Readonly<Record<string, AuthTable>>
type Values = Record<string, unknown>

/**
 * better-auth's door to the database, through `db.read` and `db.write` like everything else: its own drizzle adapter
 * would write on its own and fall into another request's transaction (decision 001).
 */
export function authAdapter(db: Doors, tables: Tables): DBAdapterInstance {
  const config = {
    adapterId: 'marquee',
    adapterName: 'Marquee',
    supportsJSON: true,
    supportsArrays: true,
    supportsUUIDs: false,
  }
  const factory = (doors: Doors) => ({
    config: { ...config, transaction: false as const },
    adapter: (models: Models) => statements(doors, tables, models),
  })
  return (authOptions) =>
    createAdapterFactory({
      config: {
        ...config,
        transaction: (work) => db.write((tx) => work(createAdapterFactory(factory(inside(tx)))(authOptions))),
      },
      adapter: (models) => statements(db, tables, models),
    })(authOptions)
}

/** The models of better-auth under our names. */
export function authTables({ users, sessions, accounts, verifications }: DbTables): Tables {
  // Columns of these tables are their properties of the same name.
  return { users, sessions, accounts, verifications } as unknown as Tables
}

/** Both doors lead into a transaction that is open already. */
export function inside(tx: Tx): Doors {
  return { read: tx, write: (work) => work(tx) }
}

function statements(doors: Doors, tables: Tables, { getFieldName }: Models): CustomAdapter {
  const tableOf = (model: string): AuthTable => {
    const table = tables[model]
    if (!table) throw new Error(`There is no table for the model "${model}"`)
    return table
  }
  const named: Named = (model, field) => getFieldName({ model, field })
  return { ...reads(doors, tableOf, named), ...writes(doors, tableOf), ...singleWrites(doors, tableOf, named) }
}

type Models = Parameters<Parameters<typeof createAdapterFactory>[0]['adapter']>[0]
type TableOf = (model: string) => AuthTable
/** The column of a field that may be renamed; conditions and values come with it already. */
type Named = (model: string, field: string) => string

// The adapter's contract is generic in the row, which only better-auth's schema of the model knows: hence `as never`.
function reads({ read }: Doors, tableOf: TableOf, named: Named): Pick<CustomAdapter, 'findOne' | 'findMany' | 'count'> {
  return {
    async findOne({ model, where, select }) {
      const table = tableOf(model)
      return first(
        await read
          .select(
            columns(
              table,
              select?.map((field) => named(model, field)),
            ),
          )
          .from(table)
          .where(conditions(table, where))
          .limit(1),
      )
    },
    async findMany({ model, where, limit, select, sortBy, offset }) {
      const table = tableOf(model)
      const order = sortBy
        ? [(sortBy.direction === 'desc' ? desc : asc)(columnOf(table, named(model, sortBy.field)))]
        : []
      const rows = read
        .select(
          columns(
            table,
            select?.map((field) => named(model, field)),
          ),
        )
        .from(table)
        .where(conditions(table, where))
      return (await rows
        .orderBy(...order)
        .limit(limit)
        .offset(offset ?? 0)) as never
    },
    async count({ model, where }) {
      const table = tableOf(model)
      const [row] = await read.select({ n: count() }).from(table).where(conditions(table, where))
      return row?.n ?? 0
    },
  }
}

function writes(
  { write }: Doors,
  tableOf: TableOf,
): Pick<CustomAdapter, 'create' | 'updateMany' | 'delete' | 'deleteMany'> {
  const removed = (tx: Tx, table: AuthTable, where: readonly CleanedWhere[]) =>
    tx
      .delete(table)
      .where(conditions(table, where))
      .returning({ id: columnOf(table, 'id') })
  return {
    create: ({ model, data }) => write(async (tx) => first(await tx.insert(tableOf(model)).values(data).returning())),
    async updateMany({ model, where, update }) {
      const table = tableOf(model)
      const change = (tx: Tx) => tx.update(table).set(update).where(conditions(table, where))
      return write(async (tx) => (await change(tx).returning({ id: columnOf(table, 'id') })).length)
    },
    delete: ({ model, where }) => write(async (tx) => void (await removed(tx, tableOf(model), where))),
    deleteMany: ({ model, where }) => write(async (tx) => (await removed(tx, tableOf(model), where)).length),
  }
}

/** Those that change at most one row and give it. */
function singleWrites(
  { write }: Doors,
  tableOf: TableOf,
  named: Named,
): Pick<CustomAdapter, 'update' | 'consumeOne' | 'incrementOne'> {
  const firstMatch = (tx: Tx, table: AuthTable, where: readonly CleanedWhere[]) => {
    const id = columnOf(table, 'id')
    return inArray(id, tx.select({ id }).from(table).where(conditions(table, where)).limit(1))
  }
  return {
    async update({ model, where, update }) {
      const table = tableOf(model)
      return write(async (tx) =>
        first(
          await tx
            .update(table)
            .set(update as Values)
            .where(firstMatch(tx, table, where))
            .returning(),
        ),
      )
    },
    async consumeOne({ model, where }) {
      const table = tableOf(model)
      return write(async (tx) =>
        first(
          await tx
            .delete(table)
            .where(firstMatch(tx, table, where))
            .returning(),
        ),
      )
    },
    async incrementOne({ model, where, increment, set }) {
      const table = tableOf(model)
      const sums = Object.entries(increment).map(([field, delta]) => {
        const name = named(model, field)
        return [name, sql`${columnOf(table, name)} + ${delta}`]
      })
      const values: Values = { ...set, ...Object.fromEntries(sums) }
      return write(async (tx) =>
        first(
          await tx
            .update(table)
            .set(values)
            .where(firstMatch(tx, table, where))
            .returning(),
        ),
      )
    },
  }
}

function first(rows: readonly unknown[]): never {
  return (rows[0] ?? null) as never
}

function columns(table: AuthTable, names: readonly string[] = []) {
  const wanted = names.length > 0 ? names : Object.keys(table).filter((name) => name !== 'enableRLS')
  return Object.fromEntries(wanted.map((name) => [name, columnOf(table, name)]))
}

function columnOf(table: AuthTable, field: string): PgColumn {
  const column = table[field]
  if (!column) throw new Error(`There is no column "${field}"`)
  return column
}

function conditions(table: AuthTable, where: readonly CleanedWhere[] = []): SQL | undefined {
  const all = (connector: 'AND' | 'OR') =>
    where
      .filter((one) => (one.connector ?? 'AND') === connector)
      .map((one) => condition(columnOf(table, one.field), one))
  const [every, some] = [all('AND'), all('OR')]
  return and(...every, some.length > 0 ? or(...some) : undefined)
}

function condition(column: PgColumn, { operator, value, mode }: CleanedWhere): SQL | undefined {
  const fold =
    mode === 'insensitive' && (Array.isArray(value) ? value : [value]).every((one) => typeof one === 'string')
  const left = fold ? sql`lower(${column})` : sql`${column}`
  const right = fold ? folded(value) : value
  switch (operator) {
    case 'in':
    case 'not_in': {
      if (!Array.isArray(right)) throw new Error(`The operator "${operator}" needs an array`)
      const values = right.map((one) => bound(column, one))
      return operator === 'in' ? inArray(left, values) : notInArray(left, values)
    }
    case 'contains':
    case 'starts_with':
    case 'ends_with':
      return textMatch(left, operator, String(right))
    case 'lt':
      return lt(column, value)
    case 'lte':
      return lte(column, value)
    case 'gt':
      return gt(column, value)
    case 'gte':
      return gte(column, value)
    case 'ne':
      return value === null ? isNotNull(column) : ne(left, bound(column, right))
    default:
      return value === null ? isNull(column) : eq(left, bound(column, right))
  }
}

/** The value as the column stores it; an expression on the left hides the column from drizzle. */
function bound(column: PgColumn, value: unknown) {
  return sql.param(value, column)
}

function folded(value: CleanedWhere['value']): CleanedWhere['value'] {
  const lower = (one: unknown) => String(one).toLowerCase()
  return Array.isArray(value) ? value.map(lower) : lower(value)
}

/** Not `LIKE`: it minds case on Postgres and not on SQLite, and gives `%` and `_` a meaning. */
function textMatch(left: SQL, operator: 'contains' | 'starts_with' | 'ends_with', text: string): SQL {
  const length = [...text].length
  if (operator === 'starts_with') return sql`substr(${left}, 1, ${length}) = ${text}`
  if (operator === 'ends_with') return sql`substr(${left}, length(${left}) - ${length} + 1) = ${text}`
  return sql`replace(${left}, ${text}, '') <> ${left}`
}
