import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { Db } from '../src/db/db.ts'
import { openDb } from '../src/db/open-db.ts'
import { makeDatabase, migrations } from './test-deps.ts'

export type TestDb = AsyncDisposable & {
  readonly db: Db
  /** Opens the same database once more, as another process would. */
  openAgain(): Promise<Db>
}

/** A fresh database: SQLite in a temporary folder, or with TEST_DB=postgres one on the test server. */
export async function openTestDb(): Promise<TestDb> {
  const dataDir = mkdtempSync(join(tmpdir(), 'marquee-db-'))
  const server = process.env.TEST_DB === 'postgres' ? await makeDatabase() : null
  const open = () => openDb({ databaseUrl: server?.url ?? '', dataDir, migrations })
  const opened: Db[] = []
  const openAgain = async () => {
    const db = await open()
    opened.push(db)
    return db
  }
  return {
    db: await openAgain(),
    openAgain,
    async [Symbol.asyncDispose]() {
      for (const db of opened) await db.close()
      await server?.drop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
