import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import pg from 'pg'
import { parseConfig } from '../src/config.ts'
import type { Clock, Deps, Log } from '../src/deps.ts'
import { openDeps } from '../src/runtime/open-deps.ts'
import { openMetrics } from '../src/telemetry/open-metrics.ts'
import type { Tracing } from '../src/telemetry/telemetry.ts'

export const migrations = join(import.meta.dirname, '../src/db/migrations')

/** A clock that tests move. It starts at the real time and stands still. */
export type TestClock = Clock & { set(to: Date): void; advance(ms: number): void }

export function testClock(at = new Date()): TestClock {
  let now = at
  return {
    now: () => now,
    set(to) {
      now = to
    },
    advance(ms) {
      now = new Date(now.getTime() + ms)
    },
  }
}

/** Keeps log lines, so that a test can look whether something was said, or no secret was. */
export function testLog(): Log & { lines: { level: string; facts: object; text: string }[] } {
  const lines: { level: string; facts: object; text: string }[] = []
  const at = (level: string) => (facts: object, text: string) => void lines.push({ level, facts, text })
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

export type TestDeps = Deps &
  AsyncDisposable & {
    readonly clock: TestClock
    readonly log: ReturnType<typeof testLog>
    readonly dataDir: string
    readonly env: Record<string, string>
  }

/**
 * The real parts on a temporary folder: SQLite there, or with TEST_DB=postgres a database of its own on the server at
 * TEST_DATABASE_URL; local storage. Jobs run when asked (`deps.jobs.runDue()`).
 */
export async function openTestDeps(settings: Record<string, string> = {}, tracing?: Tracing): Promise<TestDeps> {
  const dataDir = mkdtempSync(join(tmpdir(), 'marquee-test-'))
  const database = process.env.TEST_DB === 'postgres' ? await makeDatabase() : null
  const env = {
    MARQUEE_DATA_DIR: dataDir,
    MARQUEE_PORT: '0',
    // The clock stands still, so buckets would never fill again.
    ...Object.fromEntries(['ADDRESS', 'PERSON', 'KEY', 'SCREEN'].map((by) => [`MARQUEE_RATE_LIMIT_${by}`, '0'])),
    ...(database && { DATABASE_URL: database.url }),
    ...settings,
  }
  const [clock, log] = [testClock(), testLog()]
  const metrics = openMetrics()
  const deps = await openDeps(parseConfig(env), { log, places: { migrations }, clock, metrics, tracing })
  return Object.assign(deps, {
    clock,
    log,
    dataDir,
    env,
    async [Symbol.asyncDispose]() {
      await deps.close()
      await database?.drop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  })
}

/** A fresh, empty database on the test server. */
export async function makeDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const server = process.env.TEST_DATABASE_URL
  if (!server) throw new Error('TEST_DB=postgres needs TEST_DATABASE_URL')
  const name = `t_${randomUUID().replaceAll('-', '')}`
  const run = async (sql: string) => {
    const client = new pg.Client({ connectionString: server })
    await client.connect()
    await client.query(sql)
    await client.end()
  }
  await run(`CREATE DATABASE ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => run(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) }
}
