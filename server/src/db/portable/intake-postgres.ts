import pg from 'pg'
import { AppError } from '../../errors.ts'
import { migrateClient } from '../open-postgres.ts'
import {
  forgetting,
  type Intake,
  type PortableKind,
  type PortableRow,
  type PortableTable,
  portableTables,
  quoted,
  revisionJump,
} from './portable.ts'
import { levelOf } from './schema-level.ts'

type Place = {
  readonly url: string
  readonly migrations: string
  readonly schema: string
  /** An earlier restore was broken off: what it left may go. */
  readonly again: boolean
}

/**
 * A database without tenants and people; what a server writes at its first start may be there and goes. All rows come in
 * one transaction.
 */
export async function postgresIntake({ url, migrations, schema, again }: Place): Promise<Intake> {
  const client = new pg.Client({ connectionString: url, application_name: 'marquee restore' })
  client.on('error', () => undefined)
  await client.connect()
  try {
    await migrateClient(client, migrations, levelOf(migrations, schema))
    await ensureLevel(client, levelOf(migrations, schema))
    if (!again) await ensureEmpty(client)
    await client.query('BEGIN')
    await client.query(emptying)
  } catch (error) {
    await client.end()
    throw error
  }
  return {
    insert: (table, rows) => insertRows(client, table, rows),
    forget: async (keys) => {
      for (const key of keys) for (const sql of forgetting) await client.query(sql.replace('?', '$1'), [key])
    },
    finish: async ({ lastEventId }) => {
      await client.query('UPDATE tenants SET revision = revision + $1', [revisionJump])
      await client.query("SELECT setval('events_id_seq', $1, true)", [Math.max(1, lastEventId)])
      await client.query('COMMIT')
      await client.end()
    },
    abort: async () => {
      // Ending the connection rolls back what is not committed.
      await client.end()
    },
  }
}

/** Takes back what `finish` committed, when something after it failed. */
export async function emptyPostgres(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'marquee restore' })
  client.on('error', () => undefined)
  await client.connect()
  await client.query(emptying).finally(() => client.end())
}

const emptying = `TRUNCATE ${[...portableTables().map(({ name }) => quoted(name)), 'ad_search'].join(', ')}`

async function ensureLevel(client: pg.Client, level: number): Promise<void> {
  const { rows } = await client.query<{ newest: number }>('SELECT max(created_at)::float8 AS newest FROM __migrations')
  if (rows[0]?.newest === level) return
  throw new AppError(
    'conflict',
    'The backup is of an older Marquee than the tables in the database of DATABASE_URL. Make an empty database and try again',
  )
}

async function ensureEmpty(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ used: boolean }>(
    'SELECT EXISTS (SELECT 1 FROM tenants) OR EXISTS (SELECT 1 FROM users) AS used',
  )
  if (rows[0]?.used === false) return
  throw new AppError(
    'conflict',
    'The database of DATABASE_URL has tenants or people already. Restore into an empty database',
  )
}

/** The columns as arrays, so that a thousand rows are one statement with a few parameters. */
async function insertRows(client: pg.Client, { name, columns }: PortableTable, rows: readonly PortableRow[]) {
  const names = columns.map((column) => quoted(column.name)).join(', ')
  const arrays = columns.map(({ kind }, at) => `$${at + 1}::${arrayTypes[kind]}[]`).join(', ')
  const values = columns.map(({ kind }, at) => words[kind](`v.c${at}`)).join(', ')
  const aliases = columns.map((_, at) => `c${at}`).join(', ')
  await client.query(
    `INSERT INTO ${quoted(name)} (${names}) SELECT ${values} FROM unnest(${arrays}) AS v(${aliases})`,
    columns.map((_, at) => rows.map((row) => row[at])),
  )
}

const arrayTypes: Record<PortableKind, string> = {
  text: 'text',
  number: 'float8',
  boolean: 'int',
  time: 'float8',
  json: 'text',
}
const words: Record<PortableKind, (value: string) => string> = {
  text: (value) => value,
  number: (value) => value,
  boolean: (value) => `${value}::boolean`,
  time: (value) => `to_timestamp(${value} / 1000)`,
  json: (value) => `${value}::jsonb`,
}
