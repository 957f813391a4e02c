import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { openSqlite } from '../../src/db/open-sqlite.ts'

const sources = join(import.meta.dirname, '../../src/db')
const migrations = join(sources, 'migrations/sqlite')
const newPath = () => join(mkdtempSync(join(tmpdir(), 'marquee-migrate-')), 'test.db')
const open = (path: string) => openSqlite({ path, migrations })

const opener = `
  import { openSqlite } from '${join(sources, 'open-sqlite.ts')}'
  const db = await openSqlite({ path: process.argv[1], migrations: '${migrations}' })
  await db.close()
  console.log('open')
`
const openElsewhere = (path: string) =>
  [process.execPath, ['--input-type=module-typescript', '-e', opener, path]] as const

it('is migrated once by two processes that start together', async () => {
  const path = newPath()
  const [command, args] = openElsewhere(path)
  const run = promisify(execFile)
  const answers = await Promise.all([run(command, args), run(command, args)])
  expect(answers.map(({ stdout }) => stdout.trim())).toEqual(['open', 'open'])
  const file = new Database(path)
  const applied = file.prepare('SELECT count(*) FROM __migrations').pluck().get()
  file.close()
  expect(applied).toBe(
    (JSON.parse(readFileSync(join(migrations, 'meta/_journal.json'), 'utf8')) as { entries: unknown[] }).entries.length,
  )
}, 120_000)

it('has the old or the new schema, whenever a migration is killed', async () => {
  const path = newPath()
  const [command, args] = openElsewhere(path)
  for (let kill = 0; kill < 10; kill++) {
    const child = spawn(command, args, { stdio: 'ignore' })
    const ended = new Promise((resolve) => child.once('exit', resolve))
    // The file appears right before the migration; from there on any moment will do.
    const deadline = performance.now() + 20_000
    while (performance.now() < deadline && child.exitCode === null && !existsSync(path))
      await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 40))
    child.kill('SIGKILL')
    await ended
    const db = await open(path)
    await db.ping()
    expect(await db.read.$count(db.read.tables.tenants)).toBe(0)
    await db.close()
    for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true })
  }
}, 240_000)
