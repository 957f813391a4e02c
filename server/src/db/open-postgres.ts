import { AsyncLocalStorage } from 'node:async_hooks'
import { drizzle } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import { postgres } from './columns.postgres.ts'
import { type Db, DbError, type DbMeter, type Read, type Tx } from './db.ts'
import { migrate } from './migrate.ts'
import { listenForCommits } from './postgres-notify.ts'
import { defineTables } from './tables.ts'
import { timed } from './timed.ts'
import { postgresWords } from './words.postgres.ts'

const migrationLock = [7230571, 0] as const
const writeTries = 3
const idleMs = 10 * 60_000
/**
 * Reads that try to change something fail at once, as on SQLite. To compile a query, or to start processes that share it,
 * takes longer than any of ours runs.
 */
const readSettings = ['default_transaction_read_only=on', 'jit=off', 'max_parallel_workers_per_gather=0']

/** Connects to the database at `url` and brings its schema up to date under an advisory lock. */
export async function openPostgres({
  url,
  migrations,
  poolSize = 10,
  meter,
}: {
  url: string
  migrations: string
  poolSize?: number
  meter?: DbMeter
}): Promise<Db> {
  const pools = openPools(url, poolSize, meter)
  try {
    await migrateServer(pools.writers, migrations)
  } catch (error) {
    await pools.end()
    throw toDbError(error)
  }
  const extras = { tables: defineTables(postgres), words: postgresWords }
  const read = Object.assign(drizzle(pools.readers, { casing: 'snake_case' }), extras) as unknown as Read
  const commits = listenForCommits(url)
  const inWrite = new AsyncLocalStorage<true>()
  const transact = transactions(pools.writers, extras)
  return {
    dialect: 'postgres',
    read,
    async write(work) {
      if (inWrite.getStore()) throw new DbError('nested-write', 'A write inside a write would wait for itself')
      const result = await retried(() => transact((tx) => inWrite.run(true, () => work(tx))))
      commits.signal()
      return result
    },
    onCommit: commits.listen,
    ping: async () => void (await pools.readers.query('select 1')),
    async close() {
      await commits.stop()
      await pools.end()
    },
  }
}

function openPools(url: string, max: number, meter: DbMeter | undefined) {
  const common = {
    connectionString: url,
    max,
    connectionTimeoutMillis: 5_000,
    // Kept over quiet minutes: a new connection and its first query take a hundred times as long as a query on a kept one.
    idleTimeoutMillis: idleMs,
    application_name: 'marquee',
  }
  const writers = new pg.Pool(common)
  const readers = new pg.Pool({ ...common, options: readSettings.map((setting) => `-c ${setting}`).join(' ') })
  // A connection that breaks says so twice: to the query on it, which rejects, and as an event, which would end the
  // process if nobody heard it. Idle ones are heard by the pool, which replaces them; those at work are not.
  for (const pool of [writers, readers]) {
    pool.on('error', () => undefined)
    pool.on('connect', (client) => client.on('error', () => undefined))
  }
  nameErrors(readers)
  if (meter) timeReads(readers, meter)
  let ended: Promise<unknown> | undefined
  const end = async () => {
    // A pool may be ended once.
    ended ??= Promise.all([writers.end(), readers.end()])
    await ended
  }
  return { writers, readers, end }
}

/** Reads have no transaction of ours around them, so their errors get our names where they leave the pool. */
function nameErrors(pool: pg.Pool): void {
  const query = pool.query.bind(pool) as (...given: unknown[]) => Promise<unknown>
  const named = (...given: unknown[]) =>
    query(...given).catch((error: unknown) => {
      throw toDbError(error)
    })
  // drizzle uses the promise form alone, which this keeps.
  pool.query = named as typeof pool.query
}

function timeReads(pool: pg.Pool, meter: DbMeter): void {
  const query = pool.query.bind(pool) as (...given: unknown[]) => Promise<unknown>
  const timedQuery = (...given: unknown[]) => timed(meter, 'read', () => query(...given))
  // As with the names of errors: the promise form alone.
  pool.query = timedQuery as typeof pool.query
}

async function migrateServer(pool: pg.Pool, folder: string): Promise<void> {
  const client = await pool.connect()
  await migrateClient(client, folder).finally(() => client.release())
}

/** Under an advisory lock; see `migrate`. */
export async function migrateClient(client: pg.ClientBase, folder: string, until?: number): Promise<void> {
  try {
    await client.query('BEGIN')
    await client.query('SELECT pg_advisory_xact_lock($1, $2)', [...migrationLock])
    await client.query('CREATE TABLE IF NOT EXISTS __migrations (created_at bigint PRIMARY KEY, hash text NOT NULL)')
    await migrate(
      {
        applied: async () =>
          (await client.query('SELECT created_at FROM __migrations')).rows.map((row) => Number(row.created_at)),
        run: async (sql) => void (await client.query(sql)),
        record: async ({ folderMillis, hash }) =>
          void (await client.query('INSERT INTO __migrations VALUES ($1, $2)', [folderMillis, hash])),
      },
      folder,
      until,
    )
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

/**
 * Runs work as a transaction on a connection of its own. drizzle's `transaction` keeps the connection for ever when BEGIN
 * itself fails, as it does while the server restarts; a pool would run dry.
 */
function transactions(pool: pg.Pool, extras: Pick<Read, 'tables' | 'words'>) {
  const known = new WeakMap<pg.PoolClient, Tx>()
  const txOf = (client: pg.PoolClient) => {
    // The cast adds what `extras` adds; drizzle's handle on one connection is a transaction between BEGIN and COMMIT.
    const tx = known.get(client) ?? (Object.assign(drizzle(client, { casing: 'snake_case' }), extras) as unknown as Tx)
    known.set(client, tx)
    return tx
  }
  return async <T>(work: (tx: Tx) => Promise<T>): Promise<T> => {
    const client = await pool.connect()
    let broken: Error | undefined
    try {
      await client.query('BEGIN')
      const result = await work(txOf(client))
      await client.query('COMMIT')
      return result
    } catch (error) {
      await client.query('ROLLBACK').catch((lost: Error) => {
        // A connection that can't even roll back is thrown away; what it rolled back is the server's matter.
        broken = lost
      })
      throw error
    } finally {
      client.release(broken)
    }
  }
}

/** Deadlocks and serialization failures are the database asking for one more try; a write has no other effects. */
async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (let left = writeTries; ; left--) {
    try {
      return await work()
    } catch (error) {
      if (left > 1 && ['40P01', '40001'].includes(codeOf(error))) continue
      throw toDbError(error)
    }
  }
}

function codeOf(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause)
    if ('code' in at && typeof at.code === 'string') return at.code
  return ''
}

/** What the rules and the operator can act on gets a name; everything else stays what it is. */
function toDbError(error: unknown): unknown {
  const code = codeOf(error)
  if (code === '23505') return new DbError('unique', 'That exists already', error)
  if (code === '53100') return new DbError('full', 'The disk of the database is full', error)
  if (code === '55P03') return new DbError('locked', 'The database is locked', error)
  // Classes 08 and 57P are lost connections and shutdowns; the rest are the socket's own words.
  if (/^(08|57P|53300)|^E(CONN|PIPE|TIMEDOUT|NOTFOUND)/.test(code) || isLostConnection(error)) {
    return new DbError(
      'unavailable',
      'The database does not answer. Check DATABASE_URL and that the server runs',
      error,
    )
  }
  return error
}

/** The driver gives these no code. */
function isLostConnection(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (
      /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/.test(
        at.message,
      )
    )
      return true
  }
  return false
}
