import { judgeSource } from '@marquee/shared/judge.ts'
import {
  type UploadHandle,
  type UploadOptions,
  type UploadProgress,
  uploadFile,
  uploadQueue,
} from '@marquee/shared/upload.ts'
import { describe, expect, it, vi } from 'vitest'
import { type BadNetwork, openBadNetwork } from './fixtures/bad-network.ts'
import { cutOff, film, padded } from './fixtures/films.ts'
import { makeHttpClient } from './http-client.ts'
import { createTestApp, type TestApp } from './test-app.ts'

const MB = 1024 * 1024
const retryDelayMs = 5

/** A client with a key, on the far side of a network that can break. */
async function open(app: TestApp) {
  const owner = await app.tenant()
  const { secret } = await app.as(owner).keys.create({ name: 'Uploader', scopes: ['ads:read', 'ads:write'] })
  const { url } = await app.listen()
  const network = await openBadNetwork(url)
  const { trpc } = makeHttpClient(network.url, { key: secret })
  return { owner, network, api: trpc.uploads, secret }
}

async function bigFilm(size = 33 * MB, seed = 1) {
  const bytes = padded(await film('h264-aac.mp4'), size, seed)
  return { bytes, source: new File([bytes], 'Shop film.mp4', { lastModified: 1_700_000_000_000 }) }
}

/** Stops an upload of five parts as soon as the first one has arrived, so that it can't be over. */
async function pausedMidway(options: UploadOptions): Promise<UploadHandle> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let isMidway = false
  const handle = uploadFile({
    ...options,
    onProgress({ state, sentBytes }) {
      if (isMidway || state !== 'sending' || sentBytes === 0) return
      isMidway = true
      handle.pause()
      resolve()
    },
  })
  await promise
  return handle
}

async function stored(app: TestApp, url: string, network: BadNetwork) {
  const answer = await app.fetch(url.replace(network.url, 'http://localhost'))
  return new Uint8Array(await answer.arrayBuffer())
}

describe('the uploader', () => {
  it('sends a film in parts, tells how far it is, and the server has exactly its bytes', async () => {
    await using app = await createTestApp()
    const { network, api } = await open(app)
    await using _ = network
    const { bytes, source } = await bigFilm()
    const told: UploadProgress[] = []
    const done = await uploadFile({ api, source, onProgress: (one) => told.push(one), completion: () => ({ ad: {} }) })
      .done
    expect(done.ad?.title).toBe('Shop film')
    expect(Buffer.compare(await stored(app, done.asset.url, network), bytes)).toBe(0)
    expect(told.map((one) => one.state)).toEqual(expect.arrayContaining(['checking', 'sending', 'finishing', 'done']))
    expect(told.at(-1)).toMatchObject({ state: 'done', sentBytes: bytes.length, totalBytes: bytes.length })
  })

  it('goes on by itself after connections that broke in mid-part, and sends little twice', async () => {
    await using app = await createTestApp()
    const { network, api } = await open(app)
    await using _ = network
    const { bytes, source } = await bigFilm()
    const states = new Set<string>()
    const handle = uploadFile({ api, source, retryDelayMs, onProgress: ({ state }) => states.add(state) })
    await vi.waitFor(() => expect(handle.progress.state).toBe('sending'), { timeout: 5000, interval: 1 })
    network.cutAfter(3 * MB)
    network.cutAfter(5 * MB)
    network.cut()
    const done = await handle.done
    expect(Buffer.compare(await stored(app, done.asset.url, network), bytes)).toBe(0)
    expect(states).toContain('retrying')
    // Three connections were cut, each in a part of 8 MB.
    expect(network.sent).toBeLessThan(bytes.length + 4 * 8 * MB)
  })

  it('reads parts into the same memory where the source can, and the bytes are right after broken connections too', async () => {
    await using app = await createTestApp()
    const { network, api } = await open(app)
    await using _ = network
    const { bytes } = await bigFilm(65 * MB)
    const memories = new Set<ArrayBuffer>()
    let reads = 0
    const source = {
      name: 'Shop film.mp4',
      size: bytes.length,
      slice: (start: number, end: number) => bytes.slice(start, end),
      read(into: Uint8Array<ArrayBuffer>, start: number) {
        memories.add(into.buffer)
        reads++
        const piece = bytes.subarray(start, start + into.length)
        into.set(piece)
        return piece.length
      },
    }
    const states = new Set<string>()
    const handle = uploadFile({ api, source, retryDelayMs, onProgress: ({ state }) => states.add(state) })
    await vi.waitFor(() => expect(handle.progress.sentBytes).toBeGreaterThan(0), { timeout: 5000, interval: 1 })
    network.cutAfter(3 * MB)
    network.cut()
    const done = await handle.done
    expect(Buffer.compare(await stored(app, done.asset.url, network), bytes)).toBe(0)
    expect(states).toContain('retrying')
    // One for each of three that send at once, and a new one for each connection that broke.
    expect(memories.size).toBeLessThanOrEqual(3 + 4)
    expect(reads).toBeGreaterThan(memories.size)
  })

  it('waits while nobody answers and goes on when the server is back', async () => {
    await using app = await createTestApp()
    const { network, api } = await open(app)
    await using _ = network
    const { bytes, source } = await bigFilm()
    const handle = uploadFile({ api, source, retryDelayMs })
    await vi.waitFor(() => expect(handle.progress.sentBytes).toBeGreaterThan(0), { timeout: 5000, interval: 1 })
    const target = network.target
    network.target = null
    network.cut()
    await vi.waitFor(() => expect(handle.progress.state).toBe('retrying'), { timeout: 5000, interval: 1 })
    network.target = target
    const done = await handle.done
    expect(Buffer.compare(await stored(app, done.asset.url, network), bytes)).toBe(0)
  })

  it('after a reload goes on with what has arrived, and does not send it again', async () => {
    await using app = await createTestApp()
    const { network, api } = await open(app)
    await using _ = network
    const { bytes, source } = await bigFilm()
    await pausedMidway({ api, source })
    // The page is gone: nothing of the first uploader is known any more.
    const arrived = (await api.list.query({})).items[0]?.arrived.length ?? 0
    const sentBefore = network.sent
    const reloaded = new File([bytes], 'Shop film.mp4', { lastModified: 1_700_000_000_000 })
    const handle = uploadFile({ api, source: reloaded })
    const done = await handle.done
    expect(handle.progress.resumed).toBe(true)
    expect(network.sent - sentBefore).toBeLessThan(bytes.length - arrived * 8 * MB + 4 * MB)
    expect(Buffer.compare(await stored(app, done.asset.url, network), bytes)).toBe(0)
  })

  it('goes on after a restart of the server', async () => {
    await using first = await createTestApp()
    const { network, api } = await open(first)
    await using _ = network
    const { bytes, source } = await bigFilm()
    const handle = await pausedMidway({ api, source, retryDelayMs })
    network.target = null
    network.cut()
    handle.resume()
    await vi.waitFor(() => expect(handle.progress.state).toBe('retrying'), { timeout: 10_000, interval: 1 })
    await using second = await createTestApp({ MARQUEE_DATA_DIR: first.dataDir })
    network.target = (await second.listen()).url
    const done = await handle.done
    expect(Buffer.compare(await stored(second, done.asset.url, network), bytes)).toBe(0)
  })

  it('pauses, resumes, and sends nothing in between', async () => {
    await using app = await createTestApp()
    const { network, api } = await open(app)
    await using _ = network
    const { bytes, source } = await bigFilm()
    const handle = uploadFile({ api, source })
    await vi.waitFor(() => expect(handle.progress.sentBytes).toBeGreaterThan(0), { timeout: 5000, interval: 1 })
    handle.pause()
    expect(handle.progress.state).toBe('paused')
    const quiet = await vi.waitUntil(() => stillFor(network), { timeout: 5000 })
    expect(quiet).toBe(true)
    expect(handle.progress.state).toBe('paused')
    handle.resume()
    const done = await handle.done
    expect(done.asset.size).toBe(bytes.length)
  })

  it('cancels: the promise rejects with an AbortError and the server forgets the upload', async () => {
    await using app = await createTestApp()
    const { network, api } = await open(app)
    await using _ = network
    const { source } = await bigFilm()
    const handle = uploadFile({ api, source })
    await vi.waitFor(() => expect(handle.progress.sentBytes).toBeGreaterThan(0), { timeout: 5000, interval: 1 })
    await handle.cancel()
    await expect(handle.done).rejects.toMatchObject({ name: 'AbortError' })
    expect(handle.progress.state).toBe('cancelled')
    expect((await api.list.query({})).items).toEqual([])
    expect(await app.storage.listUploads()).toEqual([])
  })

  it('asks for new links when the old ones are over', async () => {
    await using app = await createTestApp()
    const { network, api } = await open(app)
    await using _ = network
    const { bytes, source } = await bigFilm()
    const slow = {
      create: api.create,
      list: api.list,
      get: api.get,
      complete: api.complete,
      cancel: api.cancel,
      sign: {
        mutate: async (input: { id: string; parts: number[] }) => {
          const signed = await api.sign.mutate(input)
          if (signs++ === 0) app.clock.advance(16 * 60 * 1000)
          return signed
        },
      },
    }
    let signs = 0
    const done = await uploadFile({ api: slow, source }).done
    expect(done.asset.size).toBe(bytes.length)
    expect(signs).toBeGreaterThan(1)
  })

  it('begins anew when the server has forgotten the upload', async () => {
    await using app = await createTestApp()
    const { network, api } = await open(app)
    await using _ = network
    const { bytes, source } = await bigFilm()
    const handle = uploadFile({ api, source, retryDelayMs })
    await vi.waitFor(() => expect(handle.progress.sentBytes).toBeGreaterThan(0), { timeout: 5000, interval: 1 })
    const [begun] = (await api.list.query({})).items
    await api.cancel.mutate({ id: begun?.id ?? '' })
    const done = await handle.done
    expect(Buffer.compare(await stored(app, done.asset.url, network), bytes)).toBe(0)
  })

  it('sends nothing of a file that its judge refuses', async () => {
    await using app = await createTestApp()
    const { network, api } = await open(app)
    await using _ = network
    const handle = uploadFile({ api, source: new File([await film('hevc.mp4')], 'film.mp4'), judge: judgeSource })
    await expect(handle.done).rejects.toMatchObject({ name: 'MediaRefused', reason: 'video-codec' })
    expect(network.sent).toBe(0)
  })

  it('fails with the refusal of the server, and the state says so', async () => {
    await using app = await createTestApp()
    const { network, api } = await open(app)
    await using _ = network
    const handle = uploadFile({ api, source: new File([cutOff(await film('h264-aac.mp4'))], 'film.mp4') })
    await expect(handle.done).rejects.toMatchObject({ data: { code: 'unsupported-media', reason: 'cut-off' } })
    expect(handle.progress.state).toBe('failed')
  })
})

describe('the queue', () => {
  it('sends one file after another, and is busy until the last is over', async () => {
    await using app = await createTestApp()
    const { network, api } = await open(app)
    await using _ = network
    const queue = uploadQueue(api)
    const first = queue.add({ source: (await bigFilm(9 * MB, 1)).source })
    const second = queue.add({ source: (await bigFilm(9 * MB, 2)).source, fileName: 'Second.mp4' })
    expect(queue.busy).toBe(true)
    await first.done
    expect(second.progress.state).not.toBe('done')
    await second.done
    expect(queue.busy).toBe(false)
  })

  it('lets the next one go while one is paused', async () => {
    await using app = await createTestApp()
    const { network, api } = await open(app)
    await using _ = network
    const queue = uploadQueue(api)
    const first = queue.add({ source: (await bigFilm(9 * MB, 1)).source })
    first.pause()
    const second = queue.add({ source: (await bigFilm(9 * MB, 2)).source })
    await second.done
    expect(first.progress.state).toBe('paused')
    first.resume()
    await first.done
  })
})

let before = -1
/** True if no byte came between two looks. */
async function stillFor(network: BadNetwork): Promise<boolean> {
  await new Promise((resolve) => setTimeout(resolve, 60))
  const still = before === network.sent
  before = network.sent
  return still
}
