import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { openSqlite } from './open-sqlite.ts'

const migrations = join(import.meta.dirname, 'migrations/sqlite')
const newPath = () => join(mkdtempSync(join(tmpdir(), 'marquee-sqlite-')), 'test.db')
const open = (path: string) => openSqlite({ path, migrations })

/** Another process would hold it so. */
function lock(path: string): Database.Database {
  const other = new Database(path)
  other.exec('BEGIN IMMEDIATE')
  return other
}

it('survives a power cut in the middle of a commit by its settings', async () => {
  const path = newPath()
  const db = await open(path)
  await db.close()
  const file = new Database(path)
  expect(file.pragma('journal_mode', { simple: true })).toBe('wal')
  file.close()
})

it('waits for another process that holds the file, without blocking the event loop', async () => {
  const path = newPath()
  const db = await open(path)
  const other = lock(path)
  let ticks = 0
  const ticking = setInterval(() => {
    if (++ticks === 20) other.exec('ROLLBACK')
  }, 5)
  await db.write((tx) => tx.insert(tx.tables.marks).values({ name: 'a', value: 'b' }))
  clearInterval(ticking)
  expect(ticks).toBeGreaterThanOrEqual(20)
  other.close()
  await db.close()
})

it('says locked when another process keeps the file, reads go on, and it works again afterwards', async () => {
  const path = newPath()
  const db = await open(path)
  const other = lock(path)
  const write = () => db.write((tx) => tx.insert(tx.tables.marks).values({ name: 'a', value: 'b' }))
  const refused = expect(write()).rejects.toMatchObject({ name: 'DbError', code: 'locked' })
  expect(await db.read.$count(db.read.tables.marks)).toBe(0)
  await refused
  other.close()
  await write()
  expect(await db.read.$count(db.read.tables.marks)).toBe(1)
  await db.close()
})

it('refuses a database that a newer program made', async () => {
  const path = newPath()
  await (await open(path)).close()
  const file = new Database(path)
  file.prepare('INSERT INTO __migrations (created_at, hash) VALUES (?, ?)').run(Date.now() + 1e12, 'future')
  file.close()
  await expect(open(path)).rejects.toMatchObject({
    name: 'DbError',
    code: 'newer',
    message: expect.stringContaining('newer Marquee'),
  })
})

it('brings every earlier state of the schema up to date', async () => {
  const journalFile = join('meta', '_journal.json')
  const journal = JSON.parse(readFileSync(join(migrations, journalFile), 'utf8')) as { entries: unknown[] }
  for (let length = 1; length <= journal.entries.length; length++) {
    const folder = mkdtempSync(join(tmpdir(), 'marquee-migrations-'))
    cpSync(migrations, folder, { recursive: true })
    writeFileSync(join(folder, journalFile), JSON.stringify({ ...journal, entries: journal.entries.slice(0, length) }))
    const path = newPath()
    await (await openSqlite({ path, migrations: folder })).close()
    const db = await open(path)
    await db.write((tx) => tx.insert(tx.tables.tenants).values({ id: 'a', name: 'a', createdAt: new Date() }))
    expect(await db.read.$count(db.read.tables.tenants)).toBe(1)
    await db.close()
  }
})
