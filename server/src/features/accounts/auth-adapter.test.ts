import {
  authFlowTestSuite,
  caseInsensitiveTestSuite,
  normalTestSuite,
  testAdapter,
  transactionsTestSuite,
  uuidTestSuite,
} from '@better-auth/test-utils/adapter'
import type { BetterAuthOptions } from 'better-auth'
import { getAuthTables } from 'better-auth/db'
import { type SQL, sql } from 'drizzle-orm'
import { toSnakeCase } from 'drizzle-orm/casing'
import { afterAll } from 'vitest'
import { openTestDb } from '../../../test/test-db.ts'
import { postgres } from '../../db/columns.postgres.ts'
import { sqlite } from '../../db/columns.sqlite.ts'
import type { Tx } from '../../db/db.ts'
import { type AuthTable, authAdapter } from './auth-adapter.queries.ts'

// better-auth's own suites for adapters, on the database that TEST_DB names. They change models and fields as they go, so
// the tables are made for each set of options, in the words of our columns. Two suites are left out. `numberIdTestSuite`:
// ids of Marquee are UUIDs that the program makes, and no table has numbers for ids. `joinsTestSuite`: native joins are
// not turned on; better-auth then asks table by table, which the joins of `normalTestSuite` cover.

const test = await openTestDb()
afterAll(() => test[Symbol.asyncDispose]())
const words = test.db.dialect === 'sqlite' ? sqlite : postgres

type FieldType = 'id' | 'text' | 'integer' | 'boolean' | 'time' | 'json'
type TableShape = { readonly model: string; readonly table: string; readonly columns: ReadonlyMap<string, FieldType> }

const shapes = new Map<string, string>()
/** A name for each set of columns, since drizzle remembers the columns of a table by its name. */
function tableName(columns: ReadonlyMap<string, FieldType>, model: string): string {
  const shape = JSON.stringify([model, ...columns])
  const name = shapes.get(shape) ?? `suite_${shapes.size}`
  shapes.set(shape, name)
  return name
}

const sqlTypes: Record<FieldType, { sqlite: string; postgres: string }> = {
  id: { sqlite: 'text PRIMARY KEY', postgres: 'text PRIMARY KEY' },
  text: { sqlite: 'text', postgres: 'text' },
  integer: { sqlite: 'integer', postgres: 'integer' },
  boolean: { sqlite: 'integer', postgres: 'boolean' },
  time: { sqlite: 'integer', postgres: 'timestamp(3) with time zone' },
  json: { sqlite: 'text', postgres: 'jsonb' },
}

function typeOf(type: unknown): FieldType {
  if (type === 'number') return 'integer'
  if (type === 'boolean') return 'boolean'
  if (type === 'date') return 'time'
  return type === 'json' || type === 'string[]' || type === 'number[]' ? 'json' : 'text'
}

function shapesOf(options: BetterAuthOptions): TableShape[] {
  return Object.values(getAuthTables(options)).map(({ modelName, fields }) => {
    const columns = new Map<string, FieldType>([['id', 'id']])
    for (const [key, field] of Object.entries(fields)) {
      const name = field.fieldName ?? key
      if (name !== 'id') columns.set(name, typeOf(field.type))
    }
    return { model: modelName, table: tableName(columns, modelName), columns }
  })
}

function tablesOf(options: BetterAuthOptions): Record<string, AuthTable> {
  return Object.fromEntries(
    shapesOf(options).map(({ model, table, columns }) => {
      const columnsOfWords = Object.fromEntries([...columns].map(([column, type]) => [column, words[type]()]))
      // A table has its columns as properties, as better-auth wants to find them.
      return [model, words.table(table, columnsOfWords) as unknown as AuthTable]
    }),
  )
}

async function makeTables(options: BetterAuthOptions): Promise<void> {
  await test.db.write(async (tx) => {
    for (const name of shapes.values()) await run(tx, sql.raw(`DROP TABLE IF EXISTS "${name}"`))
    for (const { table, columns } of shapesOf(options)) {
      const list = [...columns].map(([column, type]) => `"${toSnakeCase(column)}" ${sqlTypes[type][test.db.dialect]}`)
      await run(tx, sql.raw(`CREATE TABLE "${table}" (${list.join(', ')})`))
    }
  })
}

/** drizzle's handle runs any statement, by another name on each database; queries of features have no use for that. */
async function run(tx: Tx, statement: SQL): Promise<void> {
  const handle = tx as unknown as { run?(statement: SQL): unknown; execute?(statement: SQL): Promise<unknown> }
  await (handle.run ? handle.run(statement) : handle.execute?.(statement))
}

const { execute } = await testAdapter({
  adapter: (options) => authAdapter(test.db, tablesOf(options)),
  runMigrations: makeTables,
  tests: [normalTestSuite(), caseInsensitiveTestSuite(), transactionsTestSuite(), authFlowTestSuite(), uuidTestSuite()],
})
execute()
