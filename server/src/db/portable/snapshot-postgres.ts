import pg from 'pg'
import { keptRows, type PortableKind, type PortableRow, type PortableTable, quoted, type Snapshot } from './portable.ts'
import { currentLevel } from './schema-level.ts'

const batch = 1_000

/** One repeatable-read transaction, read through cursors. */
export async function postgresSnapshot({ url, migrations }: { url: string; migrations: string }): Promise<Snapshot> {
  const client = new pg.Client({ connectionString: url, application_name: 'marquee backup' })
  // Heard twice otherwise: by the query, which rejects, and as an event that ends the process.
  client.on('error', () => undefined)
  await client.connect()
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    const { rows } = await client.query<{ when: number }>(
      'SELECT created_at::float8 AS when FROM __migrations ORDER BY created_at',
    )
    const sequence = await client.query<{ last: number }>('SELECT last_value::float8 AS last FROM events_id_seq')
    return {
      schema: currentLevel(
        migrations,
        rows.map(({ when }) => when),
      ),
      lastEventId: sequence.rows[0]?.last ?? 0,
      rows: (table) => readRows(client, table),
      close: () => client.end(),
    }
  } catch (error) {
    await client.end()
    throw error
  }
}

async function* readRows(client: pg.Client, table: PortableTable): AsyncGenerator<PortableRow[]> {
  const columns = table.columns.map(({ name, kind }) => words[kind](quoted(name))).join(', ')
  await client.query(`DECLARE backup CURSOR FOR SELECT ${columns} FROM ${quoted(table.name)} ${keptRows(table)}`)
  for (;;) {
    const { rows } = await client.query<PortableRow[]>({ text: `FETCH ${batch} FROM backup`, rowMode: 'array' })
    if (rows.length === 0) break
    // By `words`, each value is a text, a number or null.
    yield rows as unknown as PortableRow[]
  }
  await client.query('CLOSE backup')
}

const words: Record<PortableKind, (column: string) => string> = {
  text: (column) => column,
  number: (column) => `${column}::float8`,
  boolean: (column) => `${column}::int`,
  time: (column) => `round(extract(epoch FROM ${column}) * 1000)::float8`,
  json: (column) => `${column}::text`,
}
