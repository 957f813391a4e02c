import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { cutOff, film, padded } from '../../../test/fixtures/films.ts'
import { picture } from '../../../test/fixtures/pictures.ts'
import { partOf, putPart, send, sendParts, signOne } from '../../../test/fixtures/send.ts'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'
import { removeAssetIfUnused } from '../media/media.usecases.ts'
import { sweepBytes, sweepUploads } from './uploads.jobs.ts'

const MB = 1024 * 1024
const dayMs = 24 * 60 * 60 * 1000

async function fetchBytes(app: TestApp, url: string): Promise<Uint8Array> {
  const answer = await app.fetch(url)
  expect(answer.status).toBe(200)
  return answer.bytes()
}

async function allKeys(app: TestApp): Promise<string[]> {
  return (await app.storage.list('', { limit: 1000 })).items.map((item) => item.key)
}

describe('a whole upload', () => {
  it('makes an asset and an ad of a film, and delivers exactly its bytes', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const bytes = await film('h264-aac.mp4')
    const done = await send(app, owner, bytes, { name: '新品 Film.mp4', ad: {} })
    expect(done.asset).toMatchObject({
      kind: 'film',
      type: 'video/mp4',
      width: 320,
      height: 180,
      hasSound: true,
      posterUrl: null,
      fileName: '新品 Film.mp4',
    })
    expect(done.asset.durationMs).toBeGreaterThan(1900)
    expect(done.asset.durationMs).toBeLessThan(2200)
    expect(done.asset.sha256).toBe(createHash('sha256').update(bytes).digest('hex'))
    expect(done).toMatchObject({ duplicate: false, ad: { title: '新品 Film' } })
    expect(await fetchBytes(app, done.asset.url)).toEqual(bytes)
  })

  it('makes a poster of a picture on the server, 640 wide at most, turned as the picture is', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const { asset } = await send(app, owner, await picture('jpeg', { width: 1000, height: 500 }), { name: 'a.png' })
    expect(asset).toMatchObject({
      kind: 'picture',
      type: 'image/jpeg',
      width: 1000,
      height: 500,
      durationMs: null,
      hasSound: false,
    })
    const { default: sharp } = await import('sharp')
    const poster = await sharp(await fetchBytes(app, asset.posterUrl ?? '')).metadata()
    expect(poster).toMatchObject({ format: 'webp', width: 640, height: 320 })
  })

  it('keeps the poster that came with a film, redrawn', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const still = await picture('jpeg', { width: 1280, height: 720 })
    const poster = `data:image/jpeg;base64,${Buffer.from(still).toString('base64')}`
    const { asset } = await send(app, owner, await film('vp9-opus.webm'), { poster })
    const bytes = await fetchBytes(app, asset.posterUrl ?? '')
    expect(Buffer.from(bytes.subarray(8, 12)).toString()).toBe('WEBP')
    expect(await allKeys(app)).toEqual(expect.arrayContaining([expect.stringMatching(/\/derived\//)]))
  })

  it('takes every container and codec that screens play, whatever the file is called', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const films = [
      'h264-silent.mp4',
      'h264-fragments.mp4',
      'h264.mov',
      'h264-mp3.mp4',
      'av1-opus.mp4',
      'vp8-opus.webm',
      'vp9-live.webm',
    ] as const
    for (const name of films) {
      const { asset } = await send(app, owner, await film(name), { name: 'film.avi' })
      expect(asset.kind, name).toBe('film')
      expect(asset.url, name).toMatch(new RegExp(`\\.${name.split('.')[1]}\\?`))
    }
    for (const format of ['jpeg', 'png', 'webp', 'gif', 'avif'] as const) {
      const { asset } = await send(app, owner, await picture(format), { name: 'picture' })
      expect(asset, format).toMatchObject({ type: `image/${format}`, width: 160, height: 90 })
    }
    // Nothing stays under the names that were only a guess.
    expect((await allKeys(app)).filter((key) => key.endsWith('.bin'))).toEqual([])
  })

  it('stores the same bytes once in a tenant, and again in another tenant', async () => {
    await using app = await createTestApp()
    const [one, two] = [await app.tenant(), await app.tenant()]
    const bytes = await film('h264-aac.mp4')
    const first = await send(app, one, bytes, { ad: {} })
    const again = await send(app, one, bytes, { name: 'Other name.mp4', ad: {} })
    expect(again).toMatchObject({ duplicate: true, asset: { id: first.asset.id } })
    expect(again.ad?.id).not.toBe(first.ad?.id)
    const other = await send(app, two, bytes)
    expect(other.duplicate).toBe(false)
    expect(await allKeys(app)).toHaveLength(2)
  })

  it('two equal uploads that complete at the same moment make one asset', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const bytes = await film('h264-aac.mp4')
    const { uploads } = app.as(owner)
    const begun = await Promise.all([1, 2].map(() => uploads.create({ fileName: 'film.mp4', size: bytes.length })))
    for (const upload of begun) await sendParts(app, owner, { upload, bytes })
    const [first, second] = await Promise.all(begun.map(({ id }) => uploads.complete({ id })))
    expect(first?.asset.id).toBe(second?.asset.id)
    expect([first?.duplicate, second?.duplicate].sort()).toEqual([false, true])
    expect(await allKeys(app)).toHaveLength(1)
  })

  it('raises the revision that screens converge on only if an ad was made', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const without = await send(app, owner, await film('h264-aac.mp4'))
    const withAd = await send(app, owner, await film('h264-silent.mp4'), { ad: {} })
    expect(withAd.revision).toBe(without.revision + 1)
  })

  it('notes who began and who completed it', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    await send(app, owner, await film('h264-aac.mp4'), { name: 'film.mp4', ad: {} })
    const { items } = await app.as(owner).activity.list({})
    expect(items.map((item) => item.action)).toEqual(
      expect.arrayContaining(['upload.create', 'upload.complete', 'ad.create']),
    )
  })
})

describe('an upload on its way', () => {
  it('is listed with the parts that have arrived, until it is done', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const bytes = padded(await film('h264-aac.mp4'), 9 * MB)
    const { uploads } = app.as(owner)
    const upload = await uploads.create({ fileName: 'film.mp4', size: bytes.length, fingerprint: 'abc' })
    expect(upload).toMatchObject({ partCount: 2, arrived: [] })
    await putPart(app, await signOne(app, owner, { id: upload.id, part: 2 }), partOf(bytes, upload, 2))
    expect((await uploads.list({})).items).toMatchObject([{ id: upload.id, arrived: [2], fingerprint: 'abc' }])
    await putPart(app, await signOne(app, owner, { id: upload.id, part: 1 }), partOf(bytes, upload, 1))
    const done = await uploads.complete({ id: upload.id })
    expect((await uploads.list({})).items).toEqual([])
    expect(Buffer.compare(await fetchBytes(app, done.asset.url), bytes)).toBe(0)
  })

  it('lists those that the caller began alone, if it is asked for: nobody can go on with the file of another', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const script = app.key(owner, ['ads:write'])
    const mine = await app.as(owner).uploads.create({ fileName: 'mine.png', size: 10 })
    const theirs = await app.as(script).uploads.create({ fileName: 'theirs.png', size: 10 })
    const ids = async (as: Parameters<typeof app.as>[0], input = { mine: true }) =>
      (await app.as(as).uploads.list(input)).items.map(({ id }) => id)
    expect(await ids(owner)).toEqual([mine.id])
    expect(await ids(script)).toEqual([theirs.id])
    expect(await ids(owner, { mine: false })).toEqual([theirs.id, mine.id])
  })

  it('lists by pages, newest first, and other tenants see nothing of it', async () => {
    await using app = await createTestApp()
    const [one, two] = [await app.tenant(), await app.tenant()]
    const names = ['a.mp4', 'b.mp4', 'c.mp4']
    for (const fileName of names) await app.as(one).uploads.create({ fileName, size: 10 })
    const first = await app.as(one).uploads.list({ limit: 2 })
    const rest = await app.as(one).uploads.list({ limit: 2, cursor: first.nextCursor })
    expect([...first.items, ...rest.items].map((item) => item.fileName)).toEqual([...names].reverse())
    expect(rest.nextCursor).toBeNull()
    expect((await app.as(two).uploads.list({})).items).toEqual([])
  })

  it('lives on for a day from the last time that somebody asked for a part of it', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const { uploads } = app.as(owner)
    const upload = await uploads.create({ fileName: 'film.mp4', size: 10 })
    app.clock.advance(dayMs - 1000)
    await uploads.sign({ id: upload.id, parts: [1] })
    app.clock.advance(dayMs - 1000)
    await sweepUploads(app.deps)
    expect((await uploads.list({})).items).toHaveLength(1)
  })

  it('can be cancelled: nothing of it stays', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const { uploads } = app.as(owner)
    const upload = await uploads.create({ fileName: 'film.mp4', size: 10 })
    const url = await signOne(app, owner, { id: upload.id, part: 1 })
    await uploads.cancel({ id: upload.id })
    expect(await app.storage.listUploads()).toEqual([])
    expect((await putPart(app, url, new Uint8Array(10))).status).toBe(410)
    await expect(uploads.get({ id: upload.id })).rejects.toMatchObject({ cause: { code: 'not-found' } })
  })
})

describe('the sweeps', () => {
  it('remove an upload that was abandoned for a day, row and parts, and may run twice', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const upload = await app.as(owner).uploads.create({ fileName: 'film.mp4', size: 10 })
    await putPart(app, await signOne(app, owner, { id: upload.id, part: 1 }), new Uint8Array(10))
    app.clock.advance(dayMs + 1000)
    await app.jobs.runDue()
    await sweepUploads(app.deps)
    expect((await app.as(owner).uploads.list({})).items).toEqual([])
    expect(await app.storage.listUploads()).toEqual([])
  })

  it('remove bytes and parts without a row after an hour, and nothing that has one', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const kept = await send(app, owner, await picture('png'), { ad: {} })
    const orphan = `${owner.tenantId}/ads/orphan_00000000-0000-7000-8000-000000000000.mp4`
    await app.storage.put(orphan, new Blob([new Uint8Array(5)]).stream(), { maxBytes: 5 })
    await app.storage.createUpload(orphan, { size: 5 })
    await sweepBytes(app.deps)
    expect(await app.storage.head(orphan)).not.toBeNull()
    app.clock.advance(61 * 60 * 1000)
    await Promise.all([sweepBytes(app.deps), sweepUploads(app.deps)])
    await sweepBytes(app.deps)
    expect(await app.storage.head(orphan)).toBeNull()
    expect(await app.storage.listUploads()).toEqual([])
    await fetchBytes(app, kept.asset.url)
    await fetchBytes(app, kept.asset.posterUrl ?? '')
  })

  it('leave alone the bytes of a completion that was broken off and can go on', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const bytes = await film('h264-aac.mp4')
    const upload = await breakOff(app, owner, bytes)
    app.clock.advance(2 * 60 * 60 * 1000)
    await sweepBytes(app.deps)
    const done = await app.as(owner).uploads.complete({ id: upload.id })
    expect(await fetchBytes(app, done.asset.url)).toEqual(bytes)
  })
})

describe('a completion', () => {
  it('asked twice, at once or later, answers the same', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const bytes = await film('h264-aac.mp4')
    const { uploads, ads } = app.as(owner)
    const upload = await uploads.create({ fileName: 'film.mp4', size: bytes.length })
    await sendParts(app, owner, { upload, bytes })
    const [first, second] = await Promise.all(
      [1, 2].map(() => uploads.complete({ id: upload.id, ad: { title: 'One' } })),
    )
    expect(second).toEqual(first)
    expect(await uploads.complete({ id: upload.id, ad: { title: 'Two' } })).toEqual(first)
    expect((await ads.list({})).items).toHaveLength(1)
  })

  it('that was broken off between any two steps goes on when it is asked again', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    for (const verb of ['completeUpload', 'head', 'get', 'sha256', 'copy', 'put', 'remove'] as const) {
      const bytes = await picture('png', { seed: verb.length * 1000 + verb.charCodeAt(0) })
      const upload = await app.as(owner).uploads.create({ fileName: 'picture.gif', size: bytes.length })
      await sendParts(app, owner, { upload, bytes })
      const broken = {
        ...app.deps,
        storage: { ...app.storage, [verb]: () => Promise.reject(new Error('The process died here')) },
      }
      const { completeUpload } = await import('./uploads.usecases.ts')
      await completeUpload(broken, owner, { id: upload.id, ad: { title: verb } }).catch(() => {})
      const done = await app.as(owner).uploads.complete({ id: upload.id, ad: { title: verb } })
      expect(await fetchBytes(app, done.asset.url), verb).toEqual(bytes)
      await fetchBytes(app, done.asset.posterUrl ?? '')
      expect(done.ad?.title, verb).toBe(verb)
    }
    expect((await app.as(owner).ads.list({})).items).toHaveLength(7)
  })

  it('of refused bytes leaves neither bytes nor a row', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    await expect(send(app, owner, cutOff(await film('h264-aac.mp4')))).rejects.toMatchObject({
      cause: { code: 'unsupported-media', reason: 'cut-off' },
    })
    expect(await allKeys(app)).toEqual([])
    expect((await app.as(owner).uploads.list({})).items).toEqual([])
    expect(await app.storage.listUploads()).toEqual([])
  })
})

describe('an asset that nothing shows', () => {
  it('is removed with its bytes and poster; one that an ad shows is not', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const used = await send(app, owner, await picture('png', { seed: 1 }), { ad: {} })
    const unused = await send(app, owner, await picture('png', { seed: 2 }))
    const since = app.clock.now()
    expect(await removeAssetIfUnused(app.deps, { id: used.asset.id, since })).toBe(false)
    expect(await removeAssetIfUnused(app.deps, { id: unused.asset.id, since })).toBe(true)
    expect(await removeAssetIfUnused(app.deps, { id: unused.asset.id, since })).toBe(false)
    expect(await allKeys(app)).toHaveLength(2)
    expect((await app.fetch(unused.asset.url)).status).toBe(404)
  })
})

/** As if the process had died right after the storage put the parts together. */
async function breakOff(app: TestApp, owner: Awaited<ReturnType<TestApp['tenant']>>, bytes: Uint8Array<ArrayBuffer>) {
  const upload = await app.as(owner).uploads.create({ fileName: 'film.mp4', size: bytes.length })
  await sendParts(app, owner, { upload, bytes })
  const storage = { ...app.storage, head: () => Promise.reject(new Error('The process died here')) }
  const { completeUpload } = await import('./uploads.usecases.ts')
  await completeUpload({ ...app.deps, storage }, owner, { id: upload.id }).catch(() => {})
  return upload
}
