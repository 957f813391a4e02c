import { existsSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import pg from 'pg'
import type { Config } from '../../config.ts'
import { schemaLevels } from '../../db/portable/schema-level.ts'
import { type Finding, fail, ok, sentenceOf, warn } from './finding.ts'

type Input = { readonly config: Config; readonly dataDir: string; readonly migrations: string }
export type Looked = {
  readonly findings: Finding[]
  /** When the newest event was written, if there is one: the clock was at least there once. */
  readonly newestEvent: Date | null
  /** Keys of the newest media. */
  readonly keys: readonly string[]
}

const newestKeys = 'SELECT key FROM assets ORDER BY id DESC LIMIT 200'
const unreadable: Omit<Looked, 'findings'> = { newestEvent: null, keys: [] }

/** Looks without changing anything: nothing is migrated. */
export function lookAtDatabase(input: Input): Promise<Looked> {
  return input.config.server.databaseUrl ? lookAtPostgres(input) : lookAtSqlite(input)
}

async function lookAtSqlite({ dataDir, migrations }: Input): Promise<Looked> {
  const path = join(dataDir, 'marquee.db')
  if (!existsSync(path))
    return { findings: [ok('database', 'There is none yet; the first start makes it')], ...unreadable }
  let db: Database.Database | undefined
  try {
    db = new Database(path, { readonly: true, timeout: 5_000 })
    // The columns are one number and one text.
    const applied = db.prepare('SELECT created_at FROM __migrations').pluck().all() as number[]
    const level = levelFinding(join(migrations, 'sqlite'), applied)
    const broken = db.pragma('quick_check(1)', { simple: true })
    if (broken !== 'ok')
      return { findings: [fail('database', `The file is damaged: ${broken}. Restore a backup`)], ...unreadable }
    const newest = db.prepare('SELECT max(created_at) FROM events').pluck().get()
    const keys = db.prepare(newestKeys).pluck().all() as string[]
    const findings = [level ?? ok('database', 'SQLite is whole and at the schema of this version')]
    return { findings, newestEvent: typeof newest === 'number' ? new Date(newest) : null, keys }
  } catch (error) {
    const cure = 'Check who owns the file; if it is damaged, restore a backup'
    return { findings: [fail('database', `"${path}" can't be read (${sentenceOf(error)}). ${cure}`)], ...unreadable }
  } finally {
    db?.close()
  }
}

async function lookAtPostgres({ config, migrations }: Input): Promise<Looked> {
  const client = new pg.Client({ connectionString: config.server.databaseUrl, connectionTimeoutMillis: 5_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<{ there: boolean; version: string }>(
      "SELECT to_regclass('__migrations') IS NOT NULL AS there, current_setting('server_version') AS version",
    )
    const postgres = `Postgres ${rows[0]?.version}`
    if (rows[0]?.there !== true)
      return { findings: [ok('database', `${postgres} is empty; the first start makes the tables`)], ...unreadable }
    const applied = await client.query<{ when: number }>('SELECT created_at::float8 AS when FROM __migrations')
    const level = levelFinding(
      join(migrations, 'postgres'),
      applied.rows.map(({ when }) => when),
    )
    const newest = await client.query<{ at: Date | null }>('SELECT max(created_at) AS at FROM events')
    const keys = await client.query<{ key: string }>(newestKeys)
    const findings = [level ?? ok('database', `${postgres} answers and is at the schema of this version`)]
    return { findings, newestEvent: newest.rows[0]?.at ?? null, keys: keys.rows.map(({ key }) => key) }
  } catch (error) {
    const cure = 'Check DATABASE_URL, and that the database server runs'
    return { findings: [fail('database', `Postgres does not answer (${sentenceOf(error)}). ${cure}`)], ...unreadable }
  } finally {
    await client.end().catch(() => undefined)
  }
}

function levelFinding(folder: string, applied: readonly number[]): Finding | null {
  const levels = schemaLevels(folder)
  const newest = levels.at(-1)?.when ?? 0
  if (applied.some((when) => when > newest))
    return fail('database', 'It was made by a newer Marquee. Start that version, or restore a backup made by this one')
  const missing = levels.filter(({ when }) => !applied.includes(when)).length
  if (missing === 0) return null
  return warn('database', `It is of an older Marquee: the next start brings ${missing} changes. Make a backup before`)
}
