import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { eq } from 'drizzle-orm'
import { afterAll, describe, expect, it } from 'vitest'
import { picture } from '../../../test/fixtures/pictures.ts'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'
import { makeDatabase, migrations } from '../../../test/test-deps.ts'
import { uploadThrough } from '../../../test/upload-through.ts'
import type { Manager } from '../../access.ts'
import { parseConfig } from '../../config.ts'
import { openDb } from '../../db/open-db.ts'
import { openSnapshot } from '../../db/portable/open-portable.ts'
import { portableTables, revisionJump } from '../../db/portable/portable.ts'
import { findServer, holdFolder } from '../../runtime/folder-lock.ts'
import { openDeps } from '../../runtime/open-deps.ts'
import { makeBackup } from './make-backup.ts'
import { restoreBackup } from './restore-backup.ts'

const places = { migrations }
const scratch = mkdtempSync(join(tmpdir(), 'marquee-backup-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
let count = 0
const newPath = (name: string) => join(scratch, `${++count}-${name}`)
const still = { signal: new AbortController().signal, onProgress: () => undefined }

async function withAds(ads = 3): Promise<{ app: TestApp; owner: Manager }> {
  const app = await createTestApp()
  const owner = await app.tenant('client_001')
  for (let n = 0; n < ads; n++)
    await uploadThrough(app, owner, {
      bytes: await picture('png', { seed: n + 1 }),
      fileName: `夏季 ${n}.png`,
      ad: { title: `Summer ${n}`, tags: ['floor'] },
    })
  return { app, owner }
}

async function backUp(app: TestApp, options: { media?: boolean } = {}) {
  const file = newPath('backup.tar')
  const made = await makeBackup(app.config, places, { file, media: true, ...still, ...options })
  return { file, made }
}

/** Settings of an empty place of the same kind as the tests', or of the named one. */
async function emptyPlace(dialect = process.env.TEST_DB === 'postgres' ? 'postgres' : 'sqlite') {
  const database = dialect === 'postgres' ? await makeDatabase() : null
  const config = parseConfig({
    MARQUEE_DATA_DIR: newPath('data'),
    ...(database && { DATABASE_URL: database.url }),
  })
  return { config, [Symbol.asyncDispose]: async () => void (await database?.drop()) }
}
type Place = Awaited<ReturnType<typeof emptyPlace>>

const restoreTo = ({ config }: Pick<Place, 'config'>, file: string) =>
  restoreBackup(config, places, { file, onProgress: () => undefined })

/** Every row of every table in the portable form. */
async function rowsOf(config: Place['config']) {
  const { databaseUrl, dataDir } = config.server
  const snapshot = await openSnapshot({ databaseUrl, dataDir, migrations })
  const tables: Record<string, string[]> = {}
  for (const table of portableTables()) {
    const lines: string[] = []
    for await (const rows of snapshot.rows(table)) lines.push(...rows.map((row) => canonical(row)))
    tables[table.name] = lines.sort()
  }
  await snapshot.close()
  return tables
}

/** The databases write json each in its own way, and the restore raises revisions. */
function canonical(row: readonly unknown[]): string {
  return JSON.stringify(
    row.map((value) => (typeof value === 'string' && /^[[{]/.test(value) ? JSON.parse(value) : value)),
  )
}

function withoutRevisions(tables: Record<string, string[]>) {
  return { ...tables, tenants: tables.tenants?.map((line) => JSON.parse(line).toSpliced(4, 1)) }
}

const emptyOf = (folder: string) =>
  existsSync(folder) ? readdirSync(folder).filter((name) => !/^(server\.|\.writable)/.test(name)) : []

describe('a backup, restored', () => {
  it('has every row, every byte, the secret, and a search that finds', async () => {
    const { app, owner } = await withAds()
    await using _ = app
    // More than is read in one piece, and than a buffer of the archive holds.
    const large = await picture('png', { width: 1_600, height: 1_200 })
    expect(large.byteLength).toBeGreaterThan(5_000_000)
    await uploadThrough(app, owner, { bytes: large, fileName: 'large.png', ad: { title: 'Large' } })
    const { file } = await backUp(app)
    await using place = await emptyPlace()
    expect(await restoreTo(place, file)).toMatchObject({ media: 8, missing: 0, broken: [] })

    expect(withoutRevisions(await rowsOf(place.config))).toEqual(withoutRevisions(await rowsOf(app.config)))
    const deps = await openDeps(place.config, { log: app.log, places })
    try {
      expect(deps.secret.derive('x')).toBe(app.secret.derive('x'))
      const [before, after] = [
        await app.as(owner).ads.list({}),
        await deps.db.read.select().from(deps.db.read.tables.assets),
      ]
      for (const { key, sha256 } of after) expect(await deps.storage.sha256(key)).toBe(sha256)
      expect(after.map(({ sha256 }) => sha256).sort()).toEqual(before.items.map(({ asset }) => asset.sha256).sort())
      const found = await deps.db.read.words.findAds(deps.db.read, {
        tenantId: 'client_001',
        search: '夏季 summer',
        after: null,
        limit: 10,
        filtered: false,
      })
      expect('ids' in found && found.ids.length).toBe(3)
      const [tenant] = await deps.db.read.select().from(deps.db.read.tables.tenants)
      expect(tenant?.revision).toBeGreaterThan(revisionJump)
    } finally {
      await deps.close()
    }
  })

  it('gives no id of an event twice', async () => {
    const { app } = await withAds(1)
    await using _ = app
    const last = await app.events.lastId()
    await app.events.purge(new Date(app.clock.now().getTime() + 1_000))
    const { file } = await backUp(app)
    await using place = await emptyPlace()
    await restoreTo(place, file)
    const deps = await openDeps(place.config, { log: app.log, places })
    await deps.db.write((tx) =>
      deps.events.append(tx, { tenantId: 'client_001', kind: 'ads.changed', subjectId: null }),
    )
    expect(await deps.events.lastId()).toBeGreaterThan(last)
    await deps.close()
  })

  // On SQLite there is only one database at hand.
  if (process.env.TEST_DB === 'postgres') {
    it('goes from one database into the other, both ways', async () => {
      const { app } = await withAds()
      await using _ = app
      await using sqlite = await emptyPlace('sqlite')
      await restoreTo(sqlite, (await backUp(app)).file)
      const file = newPath('from-sqlite.tar')
      await makeBackup(sqlite.config, places, { file, media: true, ...still })
      await using postgres = await emptyPlace('postgres')
      await restoreTo(postgres, file)
      expect(withoutRevisions(await rowsOf(postgres.config))).toEqual(withoutRevisions(await rowsOf(app.config)))
    })
  }

  it('leaves out ads whose files were deleted while the backup ran, and says which files are lost', async () => {
    const { app, owner } = await withAds()
    await using _ = app
    const [, lost, gone] = (await app.as(owner).ads.list({})).items
    const keys = await app.db.read.select().from(app.db.read.tables.assets)
    const keyOf = (id: string | undefined) => keys.find((one) => one.id === id)?.key ?? ''
    await app.storage.remove([keyOf(lost?.asset.id)])
    const file = newPath('backup.tar')
    let deleted = false
    // The rows are read by then; this is what the purge does.
    const onProgress = async () => {
      if (deleted) return
      deleted = true
      const { ads, assets } = app.db.read.tables
      await app.db.write(async (tx) => {
        await tx.delete(ads).where(eq(ads.id, gone?.id ?? ''))
        await tx.delete(assets).where(eq(assets.id, gone?.asset.id ?? ''))
      })
      await app.storage.remove([keyOf(gone?.asset.id)])
    }
    const made = await makeBackup(app.config, places, { file, media: true, signal: still.signal, onProgress })
    expect(made).toMatchObject({ deleted: [keyOf(gone?.asset.id)], broken: [keyOf(lost?.asset.id)] })
    await using place = await emptyPlace()
    expect(await restoreTo(place, file)).toMatchObject({ missing: 2 })
    const { ads, tenants } = await rowsOf(place.config)
    expect([ads?.length, tenants?.length]).toEqual([1, 1])
  })

  it('has no media with --no-media', async () => {
    const { app } = await withAds(1)
    await using _ = app
    const { file, made } = await backUp(app, { media: false })
    expect(made.media).toBe(0)
    await using place = await emptyPlace()
    expect(await restoreTo(place, file)).toMatchObject({ media: 0, missing: 0 })
    expect((await rowsOf(place.config)).ads?.length).toBe(1)
  })

  it('is a file for its owner alone', async () => {
    const { app } = await withAds(1)
    await using _ = app
    expect(statSync((await backUp(app)).file).mode & 0o777).toBe(0o600)
  })
})

describe('a restore refuses', () => {
  it('any flipped byte and any cut, and leaves the folder empty', async () => {
    const { app } = await withAds(1)
    await using _ = app
    const { file } = await backUp(app)
    await using place = await emptyPlace()
    const { size } = statSync(file)
    const bytes = readFileSync(file)
    const spots = [0, 3, 150, 600, size - 1, size - 1_030, size - 1_500, size - 1_600, size - 2_048, size - 2_049]
    for (let n = 0; n < 25; n++) spots.push(Math.floor((size * n) / 25))
    for (const spot of spots) {
      const bad = newPath('flipped.tar')
      const changed = Buffer.from(bytes)
      changed[spot] = (changed[spot] ?? 0) ^ 0x10
      writeFileSync(bad, changed)
      await expect(restoreTo(place, bad), `byte ${spot} of ${size}`).rejects.toMatchObject({
        code: expect.stringMatching(/checksum|conflict/),
      })
    }
    for (const length of [0, 100, 5_000, size - 512, size - 1]) {
      const cut = newPath('cut.tar')
      copyFileSync(file, cut)
      truncateSync(cut, length)
      await expect(restoreTo(place, cut)).rejects.toMatchObject({ code: 'checksum' })
    }
    expect(emptyOf(place.config.server.dataDir)).toEqual([])
  })

  it('what a newer Marquee made', async () => {
    const { app } = await withAds(0)
    await using _ = app
    const { file } = await backUp(app)
    await using place = await emptyPlace()
    const newer = newPath('newer.tar')
    writeFileSync(newer, readFileSync(file, 'latin1').replace('"format":1,', '"format":2,'), 'latin1')
    await expect(restoreTo(place, newer)).rejects.toThrow(/newer Marquee/)
    expect(emptyOf(place.config.server.dataDir)).toEqual([])
  })

  it('a folder in which a server works, and one that is not empty', async () => {
    const { app } = await withAds(0)
    await using _ = app
    const { file } = await backUp(app)
    await using place = await emptyPlace()
    const { dataDir } = place.config.server
    const hold = holdFolder(dataDir)
    await expect(restoreTo(place, file)).rejects.toThrow(/A server works in/)
    hold.release()
    expect(findServer(dataDir)).toBeNull()
    writeFileSync(join(dataDir, 'something'), 'here')
    await expect(restoreTo(place, file)).rejects.toThrow(/is not empty: it has "something"/)
    expect(readFileSync(join(dataDir, 'something'), 'utf8')).toBe('here')
  })

  it('a database with tenants', async () => {
    const { app } = await withAds(0)
    await using _ = app
    const { file } = await backUp(app)
    if (app.db.dialect === 'sqlite') return
    const config = parseConfig({ MARQUEE_DATA_DIR: newPath('data'), DATABASE_URL: app.config.server.databaseUrl })
    await expect(restoreTo({ config }, file)).rejects.toThrow(/has tenants or people already/)
    expect((await rowsOf(app.config)).tenants?.length).toBe(1)
  })
})

it('starts no server in a folder where a restore was broken off, and restores there again', async () => {
  const { app } = await withAds(1)
  await using _ = app
  const { file } = await backUp(app)
  await using place = await emptyPlace()
  const { dataDir } = place.config.server
  mkdirSync(join(dataDir, '.restoring/media'), { recursive: true })
  writeFileSync(join(dataDir, 'marquee.db'), 'half')
  await expect(openDeps(place.config, { log: app.log, places })).rejects.toThrow(/a restore into this folder/)
  expect(await restoreTo(place, file)).toMatchObject({ media: 2 })
  const db = await openDb({ databaseUrl: place.config.server.databaseUrl, dataDir, migrations })
  expect(await db.read.$count(db.read.tables.ads)).toBe(1)
  await db.close()
})

it('replaces an older backup only by a whole one', async () => {
  const { app } = await withAds(1)
  await using _ = app
  const { file } = await backUp(app)
  const hash = () => createHash('sha256').update(readFileSync(file)).digest('hex')
  const before = hash()
  const stop = new AbortController()
  const again = { file, media: true, signal: stop.signal, onProgress: () => stop.abort(new Error('stopped')) }
  await expect(makeBackup(app.config, places, again)).rejects.toThrow('stopped')
  expect(hash()).toBe(before)
  expect(readdirSync(scratch).filter((name) => name.includes('.part-'))).toEqual([])
})
