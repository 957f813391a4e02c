import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { sqlite } from './columns.sqlite.ts'
import { type Db, DbError, type DbMeter, type Read, type Tx } from './db.ts'
import { migrate } from './migrate.ts'
import { defineTables } from './tables.ts'
import { timedSync } from './timed.ts'
import { sqliteWords } from './words.sqlite.ts'

const lockPatienceMs = 5_000
const outsideCommitPollMs = 200
/** 16 MB: what lists read again and again comes from memory. */
const pageCache = 'cache_size = -16000'

/** Opens (or makes) the database file at `path` and brings its schema up to date. */
export async function openSqlite({
  path,
  migrations,
  meter,
}: {
  path: string
  migrations: string
  meter?: DbMeter
}): Promise<Db> {
  const writer = openWriter(path)
  try {
    await migrateFile(writer, migrations)
  } catch (error) {
    writer.close()
    throw toDbError(error)
  }
  // A second, read-only connection: a change outside `write` fails at once, and a read never sees a half-done change.
  const reader = new Database(path, { readonly: true, timeout: 1_000 })
  reader.pragma(pageCache)
  if (meter) timeReads(reader, meter)
  const extras = { tables: defineTables(sqlite), words: sqliteWords }
  const tx = Object.assign(drizzle(writer, { casing: 'snake_case' }), extras) as unknown as Tx
  const read = Object.assign(drizzle(reader, { casing: 'snake_case' }), extras) as unknown as Read
  const commits = commitSignal(writer)
  const queue = writeQueue(writer, commits.signal)
  return {
    dialect: 'sqlite',
    read,
    write: (work) => queue.add(() => work(tx)),
    onCommit: commits.listen,
    // Of a table, so that the file is looked at.
    ping: async () => void reader.prepare('select max(created_at) from __migrations').get(),
    async close() {
      commits.stop()
      await queue.idle()
      reader.close()
      writer.close()
    },
  }
}

function openWriter(path: string): Database.Database {
  // No busy time-out: better-sqlite3 would block the event loop in it. `begin` waits without blocking.
  const writer = new Database(path, { timeout: 0 })
  try {
    for (const pragma of ['journal_mode = WAL', 'synchronous = FULL', 'foreign_keys = ON', pageCache])
      writer.pragma(pragma)
    return writer
  } catch (error) {
    writer.close()
    throw toDbError(error)
  }
}

/** drizzle asks a prepared statement for `all` or `get`; `raw()` gives the same statement. */
function timeReads(reader: Database.Database, meter: DbMeter): void {
  const prepare = reader.prepare.bind(reader) as (sql: string) => Database.Statement
  const timedPrepare = (sql: string) => {
    const statement = prepare(sql)
    const [all, get] = [statement.all.bind(statement), statement.get.bind(statement)]
    return Object.assign(statement, {
      all: (...given: unknown[]) => timedSync(meter, () => all(...given)),
      get: (...given: unknown[]) => timedSync(meter, () => get(...given)),
    })
  }
  // The types of bound parameters are lost, which drizzle does not use.
  reader.prepare = timedPrepare as typeof reader.prepare
}

/** Under the write lock; see `migrate`. */
export async function migrateFile(writer: Database.Database, folder: string, until?: number): Promise<void> {
  await begin(writer)
  try {
    writer.exec('CREATE TABLE IF NOT EXISTS __migrations (created_at integer PRIMARY KEY, hash text NOT NULL)')
    await migrate(
      {
        applied: async () => writer.prepare('SELECT created_at FROM __migrations').pluck().all() as number[],
        run: async (sql) => void writer.exec(sql),
        record: async ({ folderMillis, hash }) =>
          void writer.prepare('INSERT INTO __migrations VALUES (?, ?)').run(folderMillis, hash),
      },
      folder,
      until,
    )
    writer.exec('COMMIT')
  } catch (error) {
    if (writer.inTransaction) writer.exec('ROLLBACK')
    throw error
  }
}

/** Takes the write lock, waiting for another process without blocking the event loop. */
async function begin(writer: Database.Database): Promise<void> {
  const deadline = performance.now() + lockPatienceMs
  for (let pause = 1; ; pause = Math.min(pause * 2, 100)) {
    try {
      writer.exec('BEGIN IMMEDIATE')
      return
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error
      await wait(pause)
    }
  }
}

/** One write after another, each a transaction. */
function writeQueue(writer: Database.Database, committed: () => void) {
  let tail: Promise<unknown> = Promise.resolve()
  const inWrite = new AsyncLocalStorage<true>()
  const transact = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      await begin(writer)
      const result = await inWrite.run(true, work)
      writer.exec('COMMIT')
      return result
    } catch (error) {
      if (writer.inTransaction) writer.exec('ROLLBACK')
      throw toDbError(error)
    }
  }
  return {
    add<T>(work: () => Promise<T>): Promise<T> {
      if (inWrite.getStore())
        return Promise.reject(new DbError('nested-write', 'A write inside a write would wait for itself'))
      const done = tail.then(() => transact(work))
      tail = done.then(committed, () => undefined)
      return done
    },
    idle: () => tail,
  }
}

/** Calls its listeners after each commit; `data_version` tells of commits by other connections, e.g. the command line. */
function commitSignal(writer: Database.Database) {
  const listeners = new Set<() => void>()
  const signal = () => {
    for (const listener of listeners) listener()
  }
  const version = (): number =>
    writer.inTransaction ? seen : (writer.pragma('data_version', { simple: true }) as number)
  let seen = writer.pragma('data_version', { simple: true }) as number
  const timer = setInterval(() => {
    const now = version()
    if (now === seen) return
    seen = now
    signal()
  }, outsideCommitPollMs)
  timer.unref()
  return {
    signal,
    stop: () => clearInterval(timer),
    listen(listener: () => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

function codeOf(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string' && at.code.startsWith('SQLITE_')) return at.code
  }
  return ''
}

function isBusy(error: unknown): boolean {
  const code = codeOf(error)
  return code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')
}

/** What the rules and the operator can act on gets a name; everything else stays what it is. */
function toDbError(error: unknown): unknown {
  const code = codeOf(error)
  if (code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY')
    return new DbError('unique', 'That exists already', error)
  if (isBusy(error))
    return new DbError('locked', 'Another process holds the database file. Try again, or stop that process', error)
  if (code === 'SQLITE_FULL' || code === 'SQLITE_IOERR_WRITE')
    return new DbError('full', 'The disk of the database is full', error)
  return error
}
