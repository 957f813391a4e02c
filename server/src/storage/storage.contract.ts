import { createHash, randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { type ByteStream, partCount, partLength, type Storage, type StorageUpload } from './storage.ts'

const MB = 1024 * 1024
const ads = (name: string, tenant = 'client_001') => `${tenant}/ads/${name}`
const key = ads('film_1.mp4')
const maxBytes = 64 * MB

export type OpenedStorage = AsyncDisposable & { readonly storage: Storage }

/** Every promise of `storage.ts`, for an adapter. `open` gives an empty store each time. */
export function testStorage(open: () => Promise<OpenedStorage>): void {
  testObjects(open)
  testRanges(open)
  testBrokenPuts(open)
  testLists(open)
  testUploads(open)
  testEndedUploads(open)
}

function testObjects(open: () => Promise<OpenedStorage>): void {
  it('gives back exactly the bytes that were put, with size, type and a strong etag', async () => {
    await using opened = await open()
    const bytes = noise(300_000)
    const put = await opened.storage.put(key, stream(bytes), { maxBytes })
    expect(put).toMatchObject({ key, size: bytes.length, type: 'video/mp4' })
    expect(put.etag).toMatch(/^[\w-]+$/)
    expect(await read(opened.storage, key)).toEqual(bytes)
    expect(await opened.storage.head(key)).toEqual(put)
    const got = await opened.storage.get(key)
    expect(got?.info).toEqual(put)
    await got?.body.cancel()
  })

  it('stores an empty object', async () => {
    await using opened = await open()
    await opened.storage.put(key, stream(new Uint8Array()), { maxBytes })
    expect(await read(opened.storage, key)).toEqual(new Uint8Array())
    expect((await opened.storage.head(key))?.size).toBe(0)
  })

  it('hashes an object, and answers `not-found` for a missing one', async () => {
    await using opened = await open()
    const bytes = noise(2 * MB + 17)
    await opened.storage.put(key, stream(bytes), { maxBytes })
    expect(await opened.storage.sha256(key)).toBe(createHash('sha256').update(bytes).digest('hex'))
    await expect(opened.storage.sha256(ads('other_2.mp4'))).rejects.toMatchObject({ code: 'not-found' })
  })

  it('gives null for `get` and `head` of a missing key', async () => {
    await using opened = await open()
    expect(await opened.storage.get(key)).toBeNull()
    expect(await opened.storage.head(key)).toBeNull()
  })

  it('takes keys with letters of any script', async () => {
    await using opened = await open()
    const odd = ['新品上市_1.mp4', 'été_2.jpg', 'हिन्दी_3.png', '𠮷野家_4.webp', 'العربية_5.gif'].map((name) =>
      ads(name),
    )
    for (const one of odd) await opened.storage.put(one, stream(new TextEncoder().encode(one)), { maxBytes })
    for (const one of odd) expect(new TextDecoder().decode(await read(opened.storage, one))).toBe(one)
  })

  it('refuses with `bad-key` whatever `makeKey` would not make', async () => {
    await using opened = await open()
    const bad = [
      '',
      '/',
      'a',
      '../../etc/passwd',
      'client_001/ads/../x_1.mp4',
      'client_001/ads/.._1.mp4',
      'client_001/other/x_1.mp4',
      'client_001//x_1.mp4',
      'client_001/ads/x_1.mp4/',
      'client_001/ads/x\0_1.mp4',
      'client_001/ads/x',
      'CLIENT/ads/x_1.mp4',
      `client_001/ads/${'x'.repeat(300)}_1.mp4`,
      'client_001/ads/e\u0301_1.mp4',
      'client_001\\ads\\x_1.mp4',
    ]
    for (const one of bad) {
      await expect(opened.storage.put(one, stream(noise(10)), { maxBytes }), one).rejects.toMatchObject({
        name: 'StorageError',
        code: 'bad-key',
      })
      await expect(opened.storage.get(one), one).rejects.toMatchObject({ code: 'bad-key' })
      await expect(opened.storage.head(one), one).rejects.toMatchObject({ code: 'bad-key' })
      await expect(opened.storage.remove([one]), one).rejects.toMatchObject({ code: 'bad-key' })
      await expect(opened.storage.url(one, { expiresIn: 1000 }), one).rejects.toMatchObject({ code: 'bad-key' })
      await expect(opened.storage.createUpload(one, { size: 1 }), one).rejects.toMatchObject({ code: 'bad-key' })
    }
  })

  it('shows a reader the old bytes or the new ones, never a mixture, while the same key is put again and again', async () => {
    await using opened = await open()
    const versions = [1, 2, 3, 4].map((fill) => new Uint8Array(700_000 + fill).fill(fill))
    await opened.storage.put(key, stream(versions[0]), { maxBytes })
    const puts = versions.map((bytes) => opened.storage.put(key, stream(bytes), { maxBytes }))
    for (let round = 0; round < 10; round++) {
      const seen = await read(opened.storage, key)
      expect(versions.some((bytes) => Buffer.compare(bytes, seen) === 0)).toBe(true)
    }
    await Promise.all(puts)
  })

  it('removes several keys at once and is silent about missing ones', async () => {
    await using opened = await open()
    await opened.storage.put(key, stream(noise(10)), { maxBytes })
    await opened.storage.remove([key, ads('other_2.mp4')])
    await opened.storage.remove([key])
    expect(await opened.storage.head(key)).toBeNull()
  })

  it('copies, and the copy outlives the original', async () => {
    await using opened = await open()
    const bytes = noise(5000)
    await opened.storage.put(ads('film_1.bin'), stream(bytes), { maxBytes })
    expect(await opened.storage.copy(ads('film_1.bin'), key)).toMatchObject({ key, size: 5000, type: 'video/mp4' })
    await opened.storage.remove([ads('film_1.bin')])
    expect(await read(opened.storage, key)).toEqual(bytes)
  })

  it('answers `not-found` when what is to be copied is missing', async () => {
    await using opened = await open()
    await expect(opened.storage.copy(ads('film_1.bin'), key)).rejects.toMatchObject({ code: 'not-found' })
    expect(await opened.storage.head(key)).toBeNull()
  })

  it('gives a URL that stays the same for a while and names the object alone', async () => {
    await using opened = await open()
    const [first, again, other] = await Promise.all([
      opened.storage.url(key, { expiresIn: 3_600_000 }),
      opened.storage.url(key, { expiresIn: 3_600_000 }),
      opened.storage.url(ads('film_2.mp4'), { expiresIn: 3_600_000 }),
    ])
    expect(again).toBe(first)
    expect(other).not.toBe(first)
    expect(first).toMatch(/^(?:\/media\/|https?:\/\/)/)
  })

  it('answers ping and tells free bytes or null', async () => {
    await using opened = await open()
    await opened.storage.ping()
    const free = await opened.storage.freeBytes()
    expect(free === null || free > 0).toBe(true)
  })
}

function testRanges(open: () => Promise<OpenedStorage>): void {
  it('reads any range, both ends included, and cuts it to the object', async () => {
    await using opened = await open()
    const bytes = noise(1000)
    await opened.storage.put(key, stream(bytes), { maxBytes })
    const cases: [start: number, end: number][] = [
      [0, 0],
      [0, 999],
      [10, 19],
      [999, 999],
      [990, 5000],
      [0, Number.MAX_SAFE_INTEGER],
    ]
    for (const [start, end] of cases) {
      expect(await read(opened.storage, key, { start, end }), `${start}-${end}`).toEqual(bytes.slice(start, end + 1))
    }
    expect(await read(opened.storage, key, { start: 1000, end: 2000 })).toEqual(new Uint8Array())
  })

  it('reads in pieces of up to 1 MB', async () => {
    await using opened = await open()
    const bytes = noise(2 * MB + 5)
    await opened.storage.put(key, stream(bytes), { maxBytes })
    const sizes: number[] = []
    for await (const piece of (await opened.storage.get(key))?.body ?? stream(new Uint8Array()))
      sizes.push(piece.length)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(MB)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(bytes.length)
  })

  it('stops reading when the stream is cancelled or the signal aborts', async () => {
    await using opened = await open()
    await opened.storage.put(key, stream(noise(3 * MB)), { maxBytes })
    const first = await opened.storage.get(key)
    const reader = first?.body.getReader()
    await reader?.read()
    await reader?.cancel()
    const abort = new AbortController()
    const second = (await opened.storage.get(key, { signal: abort.signal }))?.body.getReader()
    await second?.read()
    abort.abort()
    await expect(second?.read()).rejects.toMatchObject({ name: 'StorageError', code: 'aborted' })
  })
}

function testBrokenPuts(open: () => Promise<OpenedStorage>): void {
  it('a body that errors halfway leaves nothing', async () => {
    await using opened = await open()
    await expect(opened.storage.put(key, broken(noise(700_000)), { maxBytes })).rejects.toMatchObject({
      code: 'aborted',
    })
    await expectNothing(opened.storage)
  })

  it('an aborted signal stops in time and leaves nothing', async () => {
    await using opened = await open()
    const abort = new AbortController()
    const putting = opened.storage.put(
      key,
      endless(() => abort.abort()),
      { maxBytes, signal: abort.signal },
    )
    await expect(putting).rejects.toMatchObject({ code: 'aborted' })
    await expectNothing(opened.storage)
  })

  it('refuses with `too-large` as soon as more than `maxBytes` arrive', async () => {
    await using opened = await open()
    await expect(opened.storage.put(key, endless(), { maxBytes: 100_000 })).rejects.toMatchObject({
      code: 'too-large',
      retry: false,
    })
    await expectNothing(opened.storage)
  })

  it('refuses another length or sha256 than announced with `checksum`, and takes the right ones', async () => {
    await using opened = await open()
    const bytes = noise(1000)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    await expect(opened.storage.put(key, stream(bytes), { maxBytes, size: 999 })).rejects.toMatchObject({
      code: 'checksum',
      retry: true,
    })
    await expect(
      opened.storage.put(key, stream(bytes), { maxBytes, sha256: sha256.replace(/./g, '0') }),
    ).rejects.toMatchObject({ code: 'checksum' })
    await expectNothing(opened.storage)
    await opened.storage.put(key, stream(bytes), { maxBytes, size: 1000, sha256 })
    expect(await read(opened.storage, key)).toEqual(bytes)
  })
}

function testLists(open: () => Promise<OpenedStorage>): void {
  it('lists keys in ascending order of their UTF-8 bytes, by pages, below a prefix', async () => {
    await using opened = await open()
    const keys = [
      'a/ads/x_1.mp4',
      'a-b/ads/x_1.mp4',
      'ab/ads/x_1.mp4',
      'ab/ads/\u{20BB7}_1.mp4',
      'ab/ads/\uffc6_1.mp4',
      'ab/derived/x_1.webp',
      'b_1/ads/y_2.mp4',
      'ab/ads/x-y_1.mp4',
    ].map((one) => (one.startsWith('a/') ? one.replace('a/', 'aa/') : one))
    for (const one of keys) await opened.storage.put(one, stream(noise(3)), { maxBytes })
    const sorted = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    expect(await listAll(opened.storage, '', 100)).toEqual(sorted)
    for (const limit of [1, 2, 3]) expect(await listAll(opened.storage, '', limit)).toEqual(sorted)
    expect(await listAll(opened.storage, 'ab/', 2)).toEqual(sorted.filter((one) => one.startsWith('ab/')))
    expect(await listAll(opened.storage, 'ab/ads/x', 1)).toEqual(['ab/ads/x-y_1.mp4', 'ab/ads/x_1.mp4'])
    expect(await listAll(opened.storage, 'nobody/', 5)).toEqual([])
  })
}

function testUploads(open: () => Promise<OpenedStorage>): void {
  it('puts parts together that came in any order and at once', async () => {
    await using opened = await open()
    const { storage } = opened
    const { upload, bytes } = await begin(storage)
    const parts = numbers(upload).reverse()
    await Promise.all(parts.map((part) => storage.putPart(upload, part, stream(partOf(bytes, upload, part)))))
    expect((await storage.listParts(upload)).map((part) => part.part)).toEqual(numbers(upload))
    expect(await storage.head(key)).toBeNull()
    expect(await storage.completeUpload(upload)).toMatchObject({ key, size: bytes.length })
    expect(Buffer.compare(await read(storage, key), bytes)).toBe(0)
    expect(await storage.listUploads()).toEqual([])
  })

  it('of a part that was sent twice the later one stands', async () => {
    await using opened = await open()
    const { storage } = opened
    const { upload, bytes } = await begin(storage)
    await storage.putPart(upload, 1, stream(new Uint8Array(upload.partSize)))
    await sendAll(storage, upload, bytes)
    await storage.completeUpload(upload)
    expect(Buffer.compare(await read(storage, key), bytes)).toBe(0)
  })

  it('refuses a part of another length with `checksum`, and keeps nothing of it', async () => {
    await using opened = await open()
    const { storage } = opened
    const { upload, bytes } = await begin(storage)
    for (const length of [0, upload.partSize - 1, upload.partSize + 1]) {
      await expect(storage.putPart(upload, 1, stream(noise(length))), String(length)).rejects.toMatchObject({
        code: 'checksum',
      })
    }
    const last = partCount(upload)
    await expect(
      storage.putPart(upload, last, stream(noise((partLength(upload, last) ?? 0) + 1))),
    ).rejects.toMatchObject({ code: 'checksum' })
    expect(await storage.listParts(upload)).toEqual([])
    await sendAll(storage, upload, bytes)
    await storage.completeUpload(upload)
    expect(Buffer.compare(await read(storage, key), bytes)).toBe(0)
  })

  it('refuses part numbers that the upload does not have with `bad-part`', async () => {
    await using opened = await open()
    const { upload } = await begin(opened.storage)
    for (const part of [0, -1, 1.5, Number.NaN, partCount(upload) + 1]) {
      await expect(opened.storage.putPart(upload, part, stream(noise(1))), String(part)).rejects.toMatchObject({
        code: 'bad-part',
      })
      await expect(opened.storage.signPart(upload, part), String(part)).rejects.toMatchObject({ code: 'bad-part' })
    }
  })

  it('a part whose client goes away, or whose signal aborts, leaves nothing', async () => {
    await using opened = await open()
    const { storage } = opened
    const { upload } = await begin(storage)
    await expect(storage.putPart(upload, 1, broken(noise(100_000)))).rejects.toMatchObject({ code: 'aborted' })
    const abort = new AbortController()
    const sending = storage.putPart(
      upload,
      2,
      endless(() => abort.abort()),
      { signal: abort.signal },
    )
    await expect(sending).rejects.toMatchObject({ code: 'aborted' })
    expect(await storage.listParts(upload)).toEqual([])
  })

  it('signs a URL for one part that ends', async () => {
    await using opened = await open()
    const { upload } = await begin(opened.storage)
    const [first, second] = await Promise.all([opened.storage.signPart(upload, 1), opened.storage.signPart(upload, 2)])
    expect(first.url).not.toBe(second.url)
    expect(first.expiresAt.getTime()).toBeGreaterThan(Date.now())
  })
}

function testEndedUploads(open: () => Promise<OpenedStorage>): void {
  it('refuses to complete with `parts-missing` while a part is missing or on its way, and can be completed later', async () => {
    await using opened = await open()
    const { storage } = opened
    const { upload, bytes } = await begin(storage)
    await expect(storage.completeUpload(upload)).rejects.toMatchObject({ code: 'parts-missing' })
    for (const part of numbers(upload).slice(1))
      await storage.putPart(upload, part, stream(partOf(bytes, upload, part)))
    await expect(storage.completeUpload(upload)).rejects.toMatchObject({ code: 'parts-missing' })
    const slow = held(partOf(bytes, upload, 1))
    const sending = storage.putPart(upload, 1, slow.body)
    await slow.started
    await expect(storage.completeUpload(upload)).rejects.toMatchObject({ code: 'parts-missing' })
    slow.release()
    await sending
    await storage.completeUpload(upload)
    expect(Buffer.compare(await read(storage, key), bytes)).toBe(0)
  })

  it('completed twice, one after the other or at once, answers the same', async () => {
    await using opened = await open()
    const { storage } = opened
    const { upload, bytes } = await begin(storage)
    await sendAll(storage, upload, bytes)
    const [first, second] = await Promise.all([storage.completeUpload(upload), storage.completeUpload(upload)])
    expect(second).toEqual(first)
    expect(await storage.completeUpload(upload)).toEqual(first)
  })

  it('takes no part after it was completed or aborted', async () => {
    await using opened = await open()
    const { storage } = opened
    const { upload, bytes } = await begin(storage)
    await sendAll(storage, upload, bytes)
    await storage.completeUpload(upload)
    await expect(storage.putPart(upload, 1, stream(partOf(bytes, upload, 1)))).rejects.toMatchObject({
      code: 'not-found',
    })
    expect(Buffer.compare(await read(storage, key), bytes)).toBe(0)
    const other = await storage.createUpload(ads('other_2.mp4'), { size: 10 })
    await storage.abortUpload(other)
    await expect(storage.putPart(other, 1, stream(noise(10)))).rejects.toMatchObject({ code: 'not-found' })
    await expect(storage.completeUpload(other)).rejects.toMatchObject({ code: 'not-found' })
  })

  it('forgets an aborted upload and its parts, and is silent if it is gone', async () => {
    await using opened = await open()
    const { storage } = opened
    const { upload, bytes } = await begin(storage)
    await storage.putPart(upload, 1, stream(partOf(bytes, upload, 1)))
    await storage.abortUpload(upload)
    await storage.abortUpload(upload)
    expect(await storage.listUploads()).toEqual([])
    await expect(storage.listParts(upload)).rejects.toMatchObject({ code: 'not-found' })
  })

  it('tells the size of parts before an upload is begun', async () => {
    await using opened = await open()
    const { partSize } = await opened.storage.createUpload(ads('a_1.mp4'), { size: 1_000 })
    expect(opened.storage.partSizeFor(1_000)).toBe(partSize)
  })

  it('names uploads that are neither completed nor aborted, oldest first', async () => {
    await using opened = await open()
    const first = await opened.storage.createUpload(ads('a_1.mp4'), { size: 1 })
    await new Promise((resolve) => setTimeout(resolve, 5))
    const second = await opened.storage.createUpload(ads('b_2.mp4'), { size: 1 })
    const found = await opened.storage.listUploads()
    expect(found.map((one) => one.storageId)).toEqual([first.storageId, second.storageId])
    expect(found[0]?.key).toBe(ads('a_1.mp4'))
  })
}

async function begin(storage: Storage): Promise<{ upload: StorageUpload; bytes: Uint8Array<ArrayBuffer> }> {
  const probe = await storage.createUpload(key, { size: 1 })
  await storage.abortUpload(probe)
  const bytes = noise(2 * probe.partSize + 12_345)
  return { bytes, upload: await storage.createUpload(key, { size: bytes.length }) }
}

async function sendAll(storage: Storage, upload: StorageUpload, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  for (const part of numbers(upload)) await storage.putPart(upload, part, stream(partOf(bytes, upload, part)))
}

function numbers(upload: StorageUpload): number[] {
  return Array.from({ length: partCount(upload) }, (_, at) => at + 1)
}

function partOf(bytes: Uint8Array<ArrayBuffer>, { partSize }: StorageUpload, part: number): Uint8Array<ArrayBuffer> {
  return bytes.slice((part - 1) * partSize, part * partSize)
}

export function noise(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(randomBytes(length))
}

/** In pieces as a network gives them. */
export function stream(bytes: Uint8Array<ArrayBuffer> = new Uint8Array()): ByteStream {
  let at = 0
  return new ReadableStream({
    pull(controller) {
      if (at < bytes.length) controller.enqueue(bytes.slice(at, at + 64 * 1024))
      at += 64 * 1024
      if (at >= bytes.length) controller.close()
    },
  })
}

function broken(bytes: Uint8Array<ArrayBuffer>): ByteStream {
  let sent = false
  return new ReadableStream({
    pull(controller) {
      if (sent) controller.error(new Error('The client went away'))
      else controller.enqueue(bytes)
      sent = true
    },
  })
}

/** Goes on until it is cancelled; tells when the third piece is asked for. */
function endless(onThird?: () => void): ByteStream {
  let count = 0
  return new ReadableStream({
    async pull(controller) {
      if (++count === 3) onThird?.()
      controller.enqueue(new Uint8Array(10_000))
      await new Promise((resolve) => setImmediate(resolve))
    },
  })
}

/** Gives the first half, then waits until it is released. */
function held(bytes: Uint8Array<ArrayBuffer>) {
  const [gate, begun] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const half = Math.floor(bytes.length / 2)
  let step = 0
  const body: ByteStream = new ReadableStream(
    {
      async pull(controller) {
        if (step++ === 0) return controller.enqueue(bytes.slice(0, half))
        begun.resolve()
        await gate.promise
        controller.enqueue(bytes.slice(half))
        controller.close()
      },
    },
    { highWaterMark: 0 },
  )
  return { body, started: begun.promise, release: () => gate.resolve() }
}

export async function read(
  storage: Storage,
  from: string,
  range?: { start: number; end: number },
): Promise<Uint8Array<ArrayBuffer>> {
  const found = await storage.get(from, range ? { range } : {})
  if (!found) throw new Error(`Nothing at ${from}`)
  return new Response(found.body).bytes()
}

async function listAll(storage: Storage, prefix: string, limit: number): Promise<string[]> {
  const keys: string[] = []
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<Storage['list']>> = await storage.list(prefix, {
      limit,
      ...(cursor !== null && { cursor }),
    })
    expect(page.items.length).toBeLessThanOrEqual(limit)
    keys.push(...page.items.map((item) => item.key))
    cursor = page.nextCursor
  } while (cursor !== null)
  return keys
}

async function expectNothing(storage: Storage): Promise<void> {
  expect(await storage.head(key)).toBeNull()
  expect(await storage.get(key)).toBeNull()
  expect((await storage.list('', { limit: 10 })).items).toEqual([])
}
