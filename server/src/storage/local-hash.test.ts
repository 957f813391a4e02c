import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { makeSecret } from '../lib/secret.ts'
import { openLocalStorage } from './local.ts'
import { diskFs, type LocalFile, type LocalFs } from './local-files.ts'
import { noise, stream } from './storage.contract.ts'
import type { Storage, StorageUpload } from './storage.ts'

const MB = 1024 * 1024
const key = 'client_001/ads/film_1.mp4'
const signer = makeSecret('a secret for tests')

function temporary(): Disposable & { readonly folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'marquee-hash-'))
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}

/** A disk that counts the bytes that are read from it, and fails to read if told so. */
function countingFs() {
  const told = { bytes: 0, fails: false }
  const wrap = (file: LocalFile): LocalFile =>
    new Proxy(file, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        if (name !== 'read') return value.bind(target)
        return async (...args: Parameters<LocalFile['read']>) => {
          if (told.fails) throw Object.assign(new Error('EIO: made by a test'), { code: 'EIO' })
          const done = await target.read(...args)
          told.bytes += done.bytesRead
          return done
        }
      },
    })
  const fs: LocalFs = { ...diskFs, open: async (...args) => wrap(await diskFs.open(...args)) }
  return { fs, told }
}

async function open(folder: string) {
  const { fs, told } = countingFs()
  const storage = await openLocalStorage({ folder, signer, fs })
  const bytes = noise(17 * MB)
  return { storage, told, bytes, upload: await storage.createUpload(key, { size: bytes.length }) }
}

type Sent = { readonly upload: StorageUpload; readonly bytes: Uint8Array<ArrayBuffer> }

function send(storage: Storage, { upload, bytes }: Sent, part: number) {
  const start = (part - 1) * upload.partSize
  return storage.putPart(upload, part, stream(bytes.slice(start, start + upload.partSize)))
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

describe('the hash of an upload', () => {
  it('is taken while the parts arrive, in whatever order: none of them is read again in the end', async () => {
    using place = temporary()
    const { storage, told, ...sent } = await open(place.folder)
    await send(storage, sent, 3)
    await send(storage, sent, 1)
    await vi.waitFor(() => expect(told.bytes).toBe(8 * MB))
    await send(storage, sent, 2)
    await vi.waitFor(() => expect(told.bytes).toBe(17 * MB))
    await storage.completeUpload(sent.upload)
    expect(await storage.sha256(key)).toBe(hashOf(sent.bytes))
    expect(await Promise.all([storage.sha256(key), storage.sha256(key)])).toEqual(Array(2).fill(hashOf(sent.bytes)))
    expect(told.bytes).toBe(17 * MB)
  })

  it('is that of the later bytes when a part is sent again', async () => {
    using place = temporary()
    const { storage, told, ...sent } = await open(place.folder)
    const before = { ...sent, bytes: noise(17 * MB) }
    for (const part of [1, 2]) await send(storage, before, part)
    await vi.waitFor(() => expect(told.bytes).toBe(16 * MB))
    for (const part of [1, 2, 3]) await send(storage, sent, part)
    await storage.completeUpload(sent.upload)
    expect(await storage.sha256(key)).toBe(hashOf(sent.bytes))
  })

  it('is right when a part is sent again and again while the ones before are hashed', async () => {
    using place = temporary()
    const { storage, told: _, ...sent } = await open(place.folder)
    const before = { ...sent, bytes: noise(17 * MB) }
    await Promise.all([1, 2, 3].map((part) => send(storage, before, part)))
    await Promise.all([1, 2, 1, 3, 2, 1].map((part) => send(storage, sent, part).catch(() => {})))
    await Promise.all([1, 2, 3].map((part) => send(storage, sent, part)))
    await storage.completeUpload(sent.upload)
    expect(await storage.sha256(key)).toBe(hashOf(sent.bytes))
  })

  it('is right after a restart in between', async () => {
    using place = temporary()
    const { storage, told: _, ...sent } = await open(place.folder)
    for (const part of [1, 2]) await send(storage, sent, part)
    const after = await openLocalStorage({ folder: place.folder, signer })
    await send(after, sent, 3)
    await after.completeUpload(sent.upload)
    expect(await after.sha256(key)).toBe(hashOf(sent.bytes))
  })

  it('is right after a disk that could not be read for a while, and until then refused', async () => {
    using place = temporary()
    const { storage, told, ...sent } = await open(place.folder)
    await send(storage, sent, 1)
    await vi.waitFor(() => expect(told.bytes).toBe(8 * MB))
    told.fails = true
    for (const part of [2, 3]) await send(storage, sent, part)
    await storage.completeUpload(sent.upload)
    await expect(storage.sha256(key)).rejects.toMatchObject({ name: 'StorageError', code: 'unavailable' })
    told.fails = false
    expect(await storage.sha256(key)).toBe(hashOf(sent.bytes))
  })

  it('is not told of other bytes that came under the same key', async () => {
    using place = temporary()
    const { storage, told: _, ...sent } = await open(place.folder)
    for (const part of [1, 2, 3]) await send(storage, sent, part)
    await storage.completeUpload(sent.upload)
    const other = noise(17 * MB)
    await storage.put(key, stream(other), { maxBytes: other.length })
    expect(await storage.sha256(key)).toBe(hashOf(other))
  })
})

describe('the pieces of a part', () => {
  it('are freed when they are written, if they are nobody else’s, and untouched otherwise', async () => {
    using place = temporary()
    const { storage, bytes, upload } = await open(place.folder)
    for (const ownsPieces of [true, false]) {
      const pieces = Array.from({ length: 8 }, (_, at) => bytes.slice(at * MB, (at + 1) * MB))
      await storage.putPart(upload, 1, iterate(pieces), { ownsPieces })
      expect(pieces.map((piece) => piece.length)).toEqual(Array(8).fill(ownsPieces ? 0 : MB))
    }
    const shared = bytes.slice(0, 8 * MB)
    const views = Array.from({ length: 8 }, (_, at) => shared.subarray(at * MB, (at + 1) * MB))
    await storage.putPart(upload, 1, iterate(views), { ownsPieces: true })
    expect(shared.length, 'views of something larger').toBe(8 * MB)
    for (const part of [2, 3]) await send(storage, { upload, bytes }, part)
    await storage.completeUpload(upload)
    expect(await storage.sha256(key)).toBe(hashOf(bytes))
  })
})

async function* iterate(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces
}
