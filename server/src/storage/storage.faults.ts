import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { LocalFile, LocalFs } from './local-files.ts'
import { diskFs } from './local-files.ts'
import { noise, read, stream } from './storage.contract.ts'
import type { Storage, StorageErrorCode, StorageUpload } from './storage.ts'

type Place = Disposable & { readonly folder: string }
type Open = (folder: string, fs?: LocalFs) => Promise<Storage>
type Verb = 'put' | 'putPart' | 'completeUpload' | 'copy' | 'get' | 'ping'
/** What the disk does, and with which error. `after` counts bytes that are still written. */
type Fault = {
  readonly call: keyof LocalFs | 'writev' | 'sync' | 'datasync' | 'read'
  readonly error: string
  readonly after?: number
}
type Row = { readonly verb: Verb; readonly fault: Fault; readonly code: StorageErrorCode }

const key = 'client_001/ads/film_1.mp4'
const other = 'client_001/ads/other_2.mp4'
const size = 3_000_000

/** Verb × fault × promise. Each rejects with the code, nothing is visible, and the same call works when the disk does. */
const table: readonly Row[] = [
  { verb: 'put', fault: { call: 'writev', error: 'ENOSPC', after: 1_000_000 }, code: 'full' },
  { verb: 'put', fault: { call: 'writev', error: 'EDQUOT' }, code: 'full' },
  { verb: 'put', fault: { call: 'writev', error: 'EIO', after: 1_000_000 }, code: 'unavailable' },
  { verb: 'put', fault: { call: 'open', error: 'EACCES' }, code: 'denied' },
  { verb: 'put', fault: { call: 'open', error: 'EROFS' }, code: 'denied' },
  { verb: 'put', fault: { call: 'open', error: 'EMFILE' }, code: 'unavailable' },
  { verb: 'put', fault: { call: 'sync', error: 'EIO' }, code: 'unavailable' },
  { verb: 'put', fault: { call: 'mkdir', error: 'EACCES' }, code: 'denied' },
  { verb: 'put', fault: { call: 'mkdir', error: 'ENOSPC' }, code: 'full' },
  { verb: 'put', fault: { call: 'rename', error: 'EIO' }, code: 'unavailable' },
  { verb: 'putPart', fault: { call: 'writev', error: 'ENOSPC', after: 600_000 }, code: 'full' },
  { verb: 'putPart', fault: { call: 'writev', error: 'EIO' }, code: 'unavailable' },
  { verb: 'putPart', fault: { call: 'open', error: 'EACCES' }, code: 'denied' },
  { verb: 'putPart', fault: { call: 'datasync', error: 'EIO' }, code: 'unavailable' },
  { verb: 'putPart', fault: { call: 'unlink', error: 'EIO' }, code: 'unavailable' },
  { verb: 'completeUpload', fault: { call: 'rename', error: 'EIO' }, code: 'unavailable' },
  { verb: 'completeUpload', fault: { call: 'sync', error: 'EIO' }, code: 'unavailable' },
  { verb: 'completeUpload', fault: { call: 'mkdir', error: 'ENOSPC' }, code: 'full' },
  { verb: 'completeUpload', fault: { call: 'readdir', error: 'EIO' }, code: 'unavailable' },
  { verb: 'copy', fault: { call: 'rename', error: 'EIO' }, code: 'unavailable' },
  { verb: 'get', fault: { call: 'read', error: 'EIO' }, code: 'unavailable' },
  { verb: 'get', fault: { call: 'open', error: 'EACCES' }, code: 'denied' },
  { verb: 'ping', fault: { call: 'open', error: 'EROFS' }, code: 'denied' },
]

export function testStorageFaults(temporary: () => Place, open: Open): void {
  for (const { verb, fault, code } of table) {
    const after = fault.after === undefined ? '' : ` after ${fault.after} bytes`
    it(`${verb}: ${fault.call} fails with ${fault.error}${after}: rejects with "${code}", nothing is visible, later it works`, async () => {
      using place = temporary()
      const healthy = await open(place.folder)
      const prepared = await prepare(healthy, verb)
      const { fs, arm } = faulty(fault)
      const broken = await open(place.folder, fs)
      arm()
      await expect(run(broken, verb, prepared)).rejects.toMatchObject({ name: 'StorageError', code })
      if (verb !== 'get') expect(await healthy.head(key)).toBeNull()
      await run(healthy, verb, prepared)
      if (verb !== 'ping' && verb !== 'putPart')
        expect(Buffer.compare(await read(healthy, key), prepared.bytes)).toBe(0)
    })
  }

  it('a link that the file system refuses becomes a copy', async () => {
    using place = temporary()
    const prepared = await prepare(await open(place.folder), 'copy')
    const storage = await open(place.folder, { ...diskFs, link: () => Promise.reject(failure('EPERM')) })
    await run(storage, 'copy', prepared)
    expect(Buffer.compare(await read(storage, key), prepared.bytes)).toBe(0)
  })

  it('killed at any moment of a put, a part or a completion, what was acknowledged is there whole and nothing else is', async () => {
    using place = temporary()
    for (let round = 0; round < 4; round++) {
      const acknowledged = await killedWriter(place.folder, 40 + round * 60)
      const storage = await open(place.folder)
      const { items } = await storage.list('', { limit: 10_000 })
      const there = new Map(items.map((item) => [item.key, item.size]))
      for (const one of acknowledged) expect(there.get(one), one).toBe(100_000)
      for (const [one, length] of there) {
        expect(length, one).toBe(100_000)
        const bytes = await read(storage, one)
        expect(
          bytes.every((byte) => byte === bytes[0]),
          one,
        ).toBe(true)
      }
      for (const { storageId, key } of await storage.listUploads()) {
        await storage.abortUpload({ storageId, key, size: 1, partSize: 1 })
      }
    }
  })
}

type Prepared = { readonly bytes: Uint8Array<ArrayBuffer>; readonly upload: StorageUpload }

async function prepare(storage: Storage, verb: Verb): Promise<Prepared> {
  const bytes = noise(size)
  const upload = await storage.createUpload(key, { size })
  if (verb === 'completeUpload') await storage.putPart(upload, 1, stream(bytes))
  if (verb === 'copy') await storage.put(other, stream(bytes), { maxBytes: size })
  if (verb === 'get') await storage.put(key, stream(bytes), { maxBytes: size })
  return { bytes, upload }
}

async function run(storage: Storage, verb: Verb, { bytes, upload }: Prepared): Promise<unknown> {
  switch (verb) {
    case 'put':
      return storage.put(key, stream(bytes), { maxBytes: size })
    case 'putPart':
      return storage.putPart(upload, 1, stream(bytes))
    case 'completeUpload':
      return storage.completeUpload(upload)
    case 'copy':
      return storage.copy(other, key)
    case 'get':
      return read(storage, key)
    case 'ping':
      return storage.ping()
  }
}

/** A file system in which one call fails once it is armed, on files that it opens too. */
function faulty({ call, error, after = 0 }: Fault): { fs: LocalFs; arm: () => void } {
  let armed = false
  let left = after
  const fails = (bytes = 0) => {
    left -= bytes
    return armed && left < 0
  }
  if (after === 0) left = -1
  const wrap = (file: LocalFile): LocalFile =>
    new Proxy(file, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        if (name !== call) return value.bind(target)
        return (...args: unknown[]) =>
          fails(sizeOf(args[0])) ? Promise.reject(failure(error)) : Reflect.apply(value, target, args)
      },
    })
  const fs: LocalFs = {
    ...diskFs,
    open: async (...args) => wrap(await diskFs.open(...args)),
  }
  const plain = Reflect.get(fs, call)
  if (typeof plain === 'function') {
    Object.assign(fs, {
      [call]: (...args: unknown[]) => (fails() ? Promise.reject(failure(error)) : Reflect.apply(plain, fs, args)),
    })
  }
  const arm = () => {
    armed = true
  }
  return { fs, arm }
}

function sizeOf(pieces: unknown): number {
  return Array.isArray(pieces) ? pieces.reduce((sum: number, piece: Uint8Array) => sum + piece.length, 0) : 0
}

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: made by a test`), { code })
}

/** Runs `killed-writer.ts` until it is killed; gives the keys that it said were done. */
async function killedWriter(folder: string, afterMs: number): Promise<string[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'testing', 'killed-writer.ts'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (text: Buffer) => {
    said += text.toString()
  })
  await once(child.stdout, 'data')
  setTimeout(() => child.kill('SIGKILL'), afterMs)
  await once(child, 'close')
  return said.split('\n').slice(1, -1)
}
