import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, expect, it } from 'vitest'
import { picture } from '../../../test/fixtures/pictures.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { migrations } from '../../../test/test-deps.ts'
import { uploadThrough } from '../../../test/upload-through.ts'
import { holdFolder, writeNote } from '../../runtime/folder-lock.ts'
import { examine } from './examine.ts'

const folders: string[] = []
const newFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'marquee-doctor-'))
  folders.push(folder)
  return folder
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})
const look = (env: Record<string, string>, now?: () => number) => examine(env, { migrations, ...(now && { now }) })
const failing = async (env: Record<string, string>, now?: () => number) =>
  (await look(env, now)).filter(({ state }) => state === 'fail').map(({ check, text }) => `${check}: ${text}`)

it('finds nothing wrong where nothing is, and makes nothing there', async () => {
  const dataDir = join(newFolder(), 'data')
  expect(await failing({ MARQUEE_DATA_DIR: dataDir, MARQUEE_PORT: '0' })).toEqual([])
  expect((await look({ MARQUEE_DATA_DIR: dataDir, MARQUEE_PORT: '0' })).map(({ check }) => check)).toEqual(
    expect.arrayContaining(['settings', 'folder', 'disk', 'database', 'storage', 'clock', 'port', 'server']),
  )
  expect(() => chmodSync(dataDir, 0o700)).toThrow()
})

it('finds nothing wrong beside an application at work, and files that are lost', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant('client_001')
  await uploadThrough(app, owner, { bytes: await picture('png'), fileName: 'a.png', ad: {} })
  expect(await failing(app.env)).toEqual([])
  const [asset] = await app.db.read.select().from(app.db.read.tables.assets)
  await app.storage.remove([asset?.key ?? ''])
  expect(await failing(app.env)).toEqual([expect.stringMatching(/^storage: 1 of the newest 1 files/)])
  expect(await failing(app.env, () => Date.UTC(2001, 0))).toContainEqual(expect.stringMatching(/^clock: .*past/))
  expect(await failing(app.env, () => Date.now() - 86_400_000)).toContainEqual(
    expect.stringMatching(/^clock: .*the newest event/),
  )
})

it('names every setting that does not fit', async () => {
  const found = await failing({ MARQUEE_PORT: 'x', MARQUEE_NONSENSE: '1' })
  expect(found).toEqual([
    expect.stringMatching(/^settings: MARQUEE_PORT/),
    expect.stringMatching(/^settings: MARQUEE_NONSENSE/),
  ])
})

it('tells a damaged database, one of a newer Marquee and one that does not answer', async () => {
  const damaged = newFolder()
  writeFileSync(join(damaged, 'marquee.db'), 'this is no database at all, and long enough to be looked at'.repeat(20))
  const newer = newFolder()
  const db = new Database(join(newer, 'marquee.db'))
  db.exec('CREATE TABLE __migrations (created_at integer); INSERT INTO __migrations VALUES (9999999999999)')
  db.exec('CREATE TABLE events (created_at integer); CREATE TABLE assets (id text, key text)')
  db.close()
  const env = { MARQUEE_PORT: '0' }
  expect(await failing({ ...env, MARQUEE_DATA_DIR: damaged })).toEqual([expect.stringMatching(/^database: .*read/)])
  expect(await failing({ ...env, MARQUEE_DATA_DIR: newer })).toEqual([expect.stringMatching(/^database: .*newer/)])
  const away = { ...env, MARQUEE_DATA_DIR: newFolder(), DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' }
  expect(await failing(away)).toEqual([
    expect.stringMatching(/^database: Postgres does not answer .* Check DATABASE_URL/),
  ])
})

it('tells a port that another program has, a server that does not answer, and one of another version', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const address = other.address()
  const port = String(address && typeof address === 'object' ? address.port : 0)
  const dataDir = newFolder()
  const env = { MARQUEE_DATA_DIR: dataDir, MARQUEE_PORT: port }
  expect(await failing(env)).toEqual([expect.stringMatching(/^port: .* taken by another program/)])
  other.close()

  const hold = holdFolder(dataDir)
  writeNote(dataDir, 'http://127.0.0.1:1')
  expect(await failing(env)).toEqual([expect.stringMatching(/^port: .* does not answer/)])
  writeFileSync(join(dataDir, 'server.json'), JSON.stringify({ version: '0.0.9', pid: 1, url: 'http://127.0.0.1:1' }))
  expect(await failing(env)).toContainEqual(expect.stringMatching(/^server: Marquee 0\.0\.9 runs/))
  hold.release()
})

it('tells a restore that was broken off, and a secret that others may read', async () => {
  const dataDir = newFolder()
  mkdirSync(join(dataDir, '.restoring'))
  const env = { MARQUEE_DATA_DIR: dataDir, MARQUEE_PORT: '0' }
  expect(await failing(env)).toEqual([expect.stringMatching(/^folder: .*restore/)])
  rmSync(join(dataDir, '.restoring'), { recursive: true })
  writeFileSync(join(dataDir, 'secret'), 'x'.repeat(43), { mode: 0o644 })
  chmodSync(join(dataDir, 'secret'), 0o644)
  expect((await look(env)).find(({ state }) => state === 'warn')?.text).toContain('chmod 600')
})
