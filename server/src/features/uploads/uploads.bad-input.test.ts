import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { cutOff, type FilmName, film, padded } from '../../../test/fixtures/films.ts'
import { hugePicture, picture } from '../../../test/fixtures/pictures.ts'
import { partOf, putPart, send, sendParts, signOne } from '../../../test/fixtures/send.ts'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'

const MB = 1024 * 1024
const text = (value: string) => new TextEncoder().encode(value)

function join(...pieces: Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(pieces))
}

async function expectNothingLeft(app: TestApp): Promise<void> {
  expect((await app.storage.list('', { limit: 10 })).items).toEqual([])
  expect(await app.storage.listUploads()).toEqual([])
}

describe('names', () => {
  it('never become paths, whatever they are, and are kept for people without their tricks', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const names: [given: string, shown: string][] = [
      ['../../etc/passwd', 'passwd'],
      ['..\\..\\windows\\system.ini', 'system.ini'],
      ['film\u0000.mp4', 'film.mp4'],
      ['x'.repeat(300), 'x'.repeat(200)],
      ['...', 'untitled'],
      ['   ', 'untitled'],
      ['\u202Egpj.exe', 'gpj.exe'],
      ['🎬🍜.mp4', '🎬🍜.mp4'],
      ['con.mp4', 'con.mp4'],
      ['新品上市.mp4', '新品上市.mp4'],
      ['क्षेत्र.png', 'क्षेत्र.png'],
    ]
    for (const [at, [name, shown]] of names.entries()) {
      const { asset } = await send(app, owner, await picture('png', { seed: at + 1 }), { name })
      expect(asset.fileName).toBe(shown)
      expect((await app.fetch(asset.url, { method: 'HEAD' })).status).toBe(200)
    }
    for (const { key } of (await app.storage.list('', { limit: 100 })).items) {
      expect(key).toMatch(
        new RegExp(`^${owner.tenantId}/(ads|derived)/[\\p{L}\\p{M}\\p{N}-]+_[0-9a-f-]{36}\\.(png|webp)$`, 'u'),
      )
    }
  })

  it('two equal names within a second are two files', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const [one, two] = await Promise.all(
      [1, 2].map(async (seed) => send(app, owner, await picture('png', { seed }), { name: 'same.png' })),
    )
    expect(one?.asset.url).not.toBe(two?.asset.url)
    expect((await app.storage.list(`${owner.tenantId}/ads/`, { limit: 10 })).items).toHaveLength(2)
  })
})

describe('sizes', () => {
  it('that are no size of a file are refused before anything is stored', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    for (const size of [0, -1, 1.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY]) {
      await expect(app.as(owner).uploads.create({ fileName: 'a.mp4', size }), String(size)).rejects.toMatchObject({
        code: 'BAD_REQUEST',
      })
    }
    await expectNothingLeft(app)
  })

  it('one byte over the limit of the category are refused, the limit itself is not', async () => {
    await using app = await createTestApp()
    const { uploads } = app.as(await app.tenant())
    const limits = [
      ['ads', 500 * MB],
      ['agent', 50 * MB],
    ] as const
    for (const [category, limit] of limits) {
      await uploads.create({ fileName: 'a.mp4', size: limit, category })
      await expect(uploads.create({ fileName: 'a.mp4', size: limit + 1, category })).rejects.toMatchObject({
        cause: { code: 'too-large', detail: { maxBytes: limit } },
      })
    }
  })

  it('an agent picture over 10 MB is refused by its kind, an agent film of that size is not', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const large = await picture('png', { width: 2000, height: 1900 })
    expect(large.length).toBeGreaterThan(10 * MB)
    await expect(send(app, owner, large, { category: 'agent' })).rejects.toMatchObject({
      cause: { code: 'too-large', reason: 'too-large' },
    })
    await expectNothingLeft(app)
    const done = await send(app, owner, padded(await film('h264-aac.mp4'), 11 * MB), { category: 'agent' })
    expect(done.asset.category).toBe('agent')
  })

  it('more than the disk has free are refused with what is missing', async () => {
    await using app = await createTestApp()
    const { uploads } = app.as(await app.tenant())
    Object.assign(app.storage, { freeBytes: async () => 70 * MB })
    await expect(uploads.create({ fileName: 'a.mp4', size: 10 * MB })).rejects.toMatchObject({
      cause: { code: 'storage-full' },
    })
    await uploads.create({ fileName: 'a.mp4', size: 5 * MB })
  })

  it('declared and sent must be equal: each part has its exact length', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const upload = await app.as(owner).uploads.create({ fileName: 'a.mp4', size: 100 })
    const url = await signOne(app, owner, { id: upload.id, part: 1 })
    for (const length of [0, 1, 99, 101, 5000]) {
      const answer = await putPart(app, url, new Uint8Array(length))
      expect(answer.status, String(length)).toBe(400)
      expect(await answer.json(), String(length)).toMatchObject({ code: 'bad-input', reason: 'part-length' })
    }
    expect((await app.as(owner).uploads.get({ id: upload.id })).arrived).toEqual([])
  })
})

describe('content', () => {
  const refused: [name: FilmName, reason: string, says: RegExp][] = [
    ['hevc.mp4', 'video-codec', /HEVC.*Export it as H\.264/],
    ['hevc.mov', 'video-codec', /HEVC/],
    ['prores.mov', 'video-codec', /ProRes/],
    ['mpeg4.mp4', 'video-codec', /MPEG-4 Visual/],
    ['h264-ac3.mp4', 'audio-codec', /AC-3.*AAC/],
    ['vp8-vorbis.webm', 'audio-codec', /Vorbis/],
    ['h264.avi', 'container', /AVI.*Export it as MP4/],
    ['h264.mkv', 'container', /MKV/],
    ['h264.ts', 'container', /MPEG-TS/],
    ['h264.flv', 'container', /FLV/],
    ['encrypted.mp4', 'encrypted', /encrypted/],
    ['sound.m4a', 'no-video-track', /sound only/],
    ['sound.mp3', 'no-video-track', /sound only/],
  ]

  it('that screens can not play is refused with the reason and what to do', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    for (const [name, reason, says] of refused) {
      const sending = send(app, owner, await film(name), { name: 'film.mp4' })
      await expect(sending, name).rejects.toMatchObject({
        cause: { code: 'unsupported-media', reason, message: expect.stringMatching(says) },
      })
    }
    await expectNothingLeft(app)
  })

  it('cut off anywhere is refused, films and pictures', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    for (const name of [
      'h264-aac.mp4',
      'h264-faststart.mp4',
      'h264-fragments.mp4',
      'vp9-opus.webm',
      'vp9-live.webm',
    ] as const) {
      for (const part of [0.4, 0.98]) {
        await expect(send(app, owner, cutOff(await film(name), part)), `${name} ${part}`).rejects.toMatchObject({
          cause: { reason: 'cut-off' },
        })
      }
    }
    for (const format of ['jpeg', 'png', 'webp', 'gif', 'avif'] as const) {
      for (const part of [0.4, 0.9]) {
        const sending = send(app, owner, cutOff(await picture(format), part))
        await expect(sending, `${format} ${part}`).rejects.toMatchObject({
          cause: { code: 'unsupported-media', reason: 'picture-damaged' },
        })
      }
    }
    await expectNothingLeft(app)
  })

  it('that is something else than its name says is refused', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const cases: [bytes: Uint8Array<ArrayBuffer>, name: string, reason: string][] = [
      [text('Just some text, nothing else'), 'film.mp4', 'unknown-type'],
      [text('<!DOCTYPE html><html><script>alert(1)</script></html>'), 'picture.png', 'markup'],
      [text('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'), 'picture.jpg', 'markup'],
      [text('%PDF-1.7 …'), 'picture.jpg', 'unknown-type'],
      [text('PK\u0003\u0004 …'), 'picture.jpg', 'unknown-type'],
      [new Uint8Array(1000), 'film.mp4', 'unknown-type'],
      [heic(), 'picture.jpg', 'heic'],
    ]
    for (const [bytes, name, reason] of cases) {
      await expect(send(app, owner, bytes, { name }), `${name} ${reason}`).rejects.toMatchObject({
        cause: { code: 'unsupported-media', reason },
      })
    }
    await expectNothingLeft(app)
  })

  it('that is two files at once is refused', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const html = text('<html><script>alert(1)</script></html>')
    const [jpeg, gif] = [await picture('jpeg'), await picture('gif')]
    const zipEnd = new Uint8Array(22)
    zipEnd.set(text('PK\u0005\u0006'))
    const polyglots = [
      join(text('GIF89a/*'), html, text('*/')),
      join(jpeg.slice(0, 2), new Uint8Array([0xff, 0xfe, 0x00, html.length + 2]), html, jpeg.slice(2)),
      join(gif, html),
      join(jpeg, text('PK\u0003\u0004'), zipEnd),
      join(await film('h264-aac.mp4'), html),
    ]
    for (const [at, bytes] of polyglots.entries()) {
      await expect(send(app, owner, bytes), String(at)).rejects.toMatchObject({ cause: { code: 'unsupported-media' } })
    }
    await expectNothingLeft(app)
  })

  it('of 30,000 × 30,000 pixels is refused by its head, without being decoded', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const before = process.memoryUsage().rss
    await expect(send(app, owner, hugePicture())).rejects.toMatchObject({
      cause: { code: 'unsupported-media', reason: 'picture-too-big' },
    })
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * MB)
    await expectNothingLeft(app)
  })

  it('with another sha256 than announced is refused, and can be sent again', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const bytes = await picture('png')
    await expect(send(app, owner, bytes, { sha256: '0'.repeat(64) })).rejects.toMatchObject({
      cause: { code: 'checksum' },
    })
    await expectNothingLeft(app)
    await send(app, owner, bytes)
  })

  it('a poster that is no picture is refused; the upload stays and can be completed without', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const bytes = await film('h264-aac.mp4')
    const { uploads } = app.as(owner)
    const upload = await uploads.create({ fileName: 'film.mp4', size: bytes.length })
    await sendParts(app, owner, { upload, bytes })
    const base64 = (value: Uint8Array) => Buffer.from(value).toString('base64')
    const posters = [
      'https://example.com/poster.jpg',
      'data:text/html;base64,PGh0bWw+',
      `data:image/png;base64,${base64(text('<svg xmlns="http://www.w3.org/2000/svg"/>'))}`,
      `data:image/jpeg;base64,${base64(cutOff(await picture('jpeg')))}`,
      `data:image/png;base64,${base64(bytes)}`,
      'data:image/png;base64,!!!!',
    ]
    for (const poster of posters) {
      await expect(uploads.complete({ id: upload.id, poster }), poster.slice(0, 30)).rejects.toMatchObject({
        cause: { code: 'bad-input', reason: 'poster' },
      })
    }
    const done = await uploads.complete({ id: upload.id })
    expect(done.asset.posterUrl).toBeNull()
  })
})

describe('parts', () => {
  it('of a wrong number are refused', async () => {
    await using app = await createTestApp()
    const { uploads } = app.as(await app.tenant())
    const { id } = await uploads.create({ fileName: 'a.mp4', size: 9 * MB })
    await expect(uploads.sign({ id, parts: [3] })).rejects.toMatchObject({
      cause: { code: 'bad-input', reason: 'part-number' },
    })
    for (const part of [0, -1, 1.5, 10_001])
      await expect(uploads.sign({ id, parts: [part] })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  })

  it('sent twice or out of order make the same file; of one sent twice the later stands', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const bytes = padded(await film('h264-aac.mp4'), 17 * MB)
    const upload = await app.as(owner).uploads.create({ fileName: 'a.mp4', size: bytes.length })
    const urls = await Promise.all([1, 2, 3].map((part) => signOne(app, owner, { id: upload.id, part })))
    expect((await putPart(app, urls[1] ?? '', new Uint8Array(8 * MB))).status).toBe(204)
    for (const part of [3, 2, 1])
      expect((await putPart(app, urls[part - 1] ?? '', partOf(bytes, upload, part))).status).toBe(204)
    const { asset } = await app.as(owner).uploads.complete({ id: upload.id })
    expect(Buffer.compare(await (await app.fetch(asset.url)).bytes(), bytes)).toBe(0)
  })

  it('that are missing at completion are named, and can be sent then', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const bytes = padded(await film('h264-aac.mp4'), 9 * MB)
    const { uploads } = app.as(owner)
    const upload = await uploads.create({ fileName: 'a.mp4', size: bytes.length })
    await putPart(app, await signOne(app, owner, { id: upload.id, part: 1 }), partOf(bytes, upload, 1))
    await expect(uploads.complete({ id: upload.id })).rejects.toMatchObject({
      cause: { code: 'parts-missing', message: expect.stringContaining('2') },
    })
    await putPart(app, await signOne(app, owner, { id: upload.id, part: 2 }), partOf(bytes, upload, 2))
    expect((await uploads.complete({ id: upload.id })).asset.size).toBe(bytes.length)
  })

  it('on their way keep an upload from being completed, and a part after completion is refused', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const bytes = await film('h264-aac.mp4')
    const { uploads } = app.as(owner)
    const upload = await uploads.create({ fileName: 'a.mp4', size: bytes.length })
    const url = await signOne(app, owner, { id: upload.id, part: 1 })
    await putPart(app, url, bytes)
    const slow = held(bytes)
    const sending = putPart(app, url, slow.body)
    await slow.started
    await expect(uploads.complete({ id: upload.id })).rejects.toMatchObject({ cause: { code: 'parts-missing' } })
    slow.release()
    expect((await sending).status).toBe(204)
    const done = await uploads.complete({ id: upload.id })
    const late = await putPart(app, url, new Uint8Array(bytes.length))
    expect(late.status).toBe(410)
    expect(await late.json()).toMatchObject({ code: 'gone' })
    await expect(uploads.sign({ id: upload.id, parts: [1] })).rejects.toMatchObject({ cause: { code: 'gone' } })
    expect(await (await app.fetch(done.asset.url)).bytes()).toEqual(bytes)
  })

  it('with a signature that was altered, is over, or is of another part, upload or tenant are refused', async () => {
    await using app = await createTestApp()
    const [one, two] = [await app.tenant(), await app.tenant()]
    const [mine, other] = [
      await app.as(one).uploads.create({ fileName: 'a.mp4', size: 10 }),
      await app.as(two).uploads.create({ fileName: 'a.mp4', size: 10 }),
    ]
    const [url, foreign] = [
      new URL(await signOne(app, one, { id: mine.id, part: 1 })),
      new URL(await signOne(app, two, { id: other.id, part: 1 })),
    ]
    const altered = [...url.searchParams.keys()].map((name) =>
      changed(url, (copy) => copy.searchParams.set(name, name === 's' ? 'x'.repeat(43) : '7')),
    )
    const wrong = [
      ...altered,
      changed(url, (copy) => copy.searchParams.delete('s')),
      changed(url, (copy) => {
        copy.pathname = foreign.pathname
      }),
      changed(url, (copy) => copy.searchParams.set('u', foreign.searchParams.get('u') ?? '')),
      changed(url, (copy) => {
        copy.pathname = '/media/../../etc/passwd'
      }),
    ]
    for (const one of wrong) {
      const answer = await putPart(app, one, new Uint8Array(10))
      expect([403, 404], one).toContain(answer.status)
    }
    expect((await app.as(one).uploads.get({ id: mine.id })).arrived).toEqual([])
    app.clock.advance(16 * 60 * 1000)
    const late = await putPart(app, url.href, new Uint8Array(10))
    expect(await late.json()).toMatchObject({ code: 'link-expired' })
  })

  it('a client that goes away in mid-part leaves nothing', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const bytes = await film('h264-aac.mp4')
    const upload = await app.as(owner).uploads.create({ fileName: 'a.mp4', size: bytes.length })
    const { url } = await app.listen()
    const link = new URL(await signOne(app, owner, { id: upload.id, part: 1 }))
    const abort = new AbortController()
    const slow = held(bytes)
    const sending = fetch(url + link.pathname + link.search, {
      method: 'PUT',
      body: slow.body,
      duplex: 'half',
      signal: abort.signal,
    } as RequestInit)
    await slow.started
    abort.abort()
    await expect(sending).rejects.toThrow()
    slow.release()
    expect((await app.as(owner).uploads.get({ id: upload.id })).arrived).toEqual([])
    await sendParts(app, owner, { upload, bytes })
    expect((await app.as(owner).uploads.complete({ id: upload.id })).asset.size).toBe(bytes.length)
  })
})

describe('another tenant', () => {
  it('finds no upload that is not its own', async () => {
    await using app = await createTestApp()
    const [one, two] = [await app.tenant(), await app.tenant()]
    const { id } = await app.as(one).uploads.create({ fileName: 'a.mp4', size: 10 })
    const { uploads } = app.as(two)
    for (const call of [
      () => uploads.get({ id }),
      () => uploads.sign({ id, parts: [1] }),
      () => uploads.complete({ id }),
      () => uploads.cancel({ id }),
    ]) {
      await expect(call()).rejects.toMatchObject({ cause: { code: 'not-found' } })
    }
  })
})

function changed(url: URL, change: (copy: URL) => void): string {
  const copy = new URL(url)
  change(copy)
  return copy.href
}

/** The first box of a HEIC picture. */
function heic(): Uint8Array<ArrayBuffer> {
  return join(new Uint8Array([0, 0, 0, 24]), text('ftypheic'), new Uint8Array(4), text('mif1heic'), new Uint8Array(200))
}

/** Gives the first half, then waits until it is released. */
function held(bytes: Uint8Array<ArrayBuffer>) {
  const [gate, begun] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let step = 0
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (step++ === 0) return controller.enqueue(bytes.slice(0, 1000))
        begun.resolve()
        await gate.promise
        controller.enqueue(bytes.slice(1000))
        controller.close()
      },
    },
    { highWaterMark: 0 },
  )
  return { body, started: begun.promise, release: () => gate.resolve() }
}
