import process from 'node:process'
import { startPostgres } from './postgres.ts'

/**
 * Vitest's global setup: with TEST_DB=postgres and no TEST_DATABASE_URL, a Postgres server of our own, which ends with
 * the tests. `openTestDeps()` makes a database in it for each application.
 */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env.TEST_DB !== 'postgres' || process.env.TEST_DATABASE_URL) return undefined
  const server = await startPostgres()
  process.env.TEST_DATABASE_URL = server.url
  return () => server.stop()
}
