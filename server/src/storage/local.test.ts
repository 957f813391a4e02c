import { mkdtempSync, rmSync } from 'node:fs'
import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeSecret } from '../lib/secret.ts'
import { openLocalStorage } from './local.ts'
import { diskFs, type LocalFs } from './local-files.ts'
import { noise, type OpenedStorage, read, stream, testStorage } from './storage.contract.ts'
import { testStorageFaults } from './storage.faults.ts'

const signer = makeSecret('a secret for tests')
const key = 'client_001/ads/film_1.mp4'

async function openIn(folder: string, fs: LocalFs = diskFs) {
  return openLocalStorage({ folder, signer, fs })
}

function temporary(): Disposable & { readonly folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'marquee-storage-'))
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}

async function open(): Promise<OpenedStorage> {
  const place = temporary()
  return {
    storage: await openIn(place.folder),
    async [Symbol.asyncDispose]() {
      place[Symbol.dispose]()
    },
  }
}

describe('storage in a folder', () => {
  testStorage(open)
})

describe('a disk that fails', () => {
  testStorageFaults(temporary, openIn)
})

describe('the folder itself', () => {
  it('after a restart goes on with the parts that had arrived', async () => {
    using place = temporary()
    const before = await openIn(place.folder)
    const bytes = noise(9 * 1024 * 1024)
    const upload = await before.createUpload(key, { size: bytes.length })
    await before.putPart(upload, 2, stream(bytes.slice(upload.partSize)))
    const after = await openIn(place.folder)
    expect((await after.listParts(upload)).map((part) => part.part)).toEqual([2])
    await after.putPart(upload, 1, stream(bytes.slice(0, upload.partSize)))
    await after.completeUpload(upload)
    expect(Buffer.compare(await read(after, key), bytes)).toBe(0)
  })

  it('copies nothing when an upload is completed: the file is moved', async () => {
    using place = temporary()
    const storage = await openIn(place.folder)
    const upload = await storage.createUpload(key, { size: 10 })
    await storage.putPart(upload, 1, stream(noise(10)))
    const before = await stat(join(place.folder, 'uploads', upload.storageId, 'data'))
    await storage.completeUpload(upload)
    expect((await stat(storage.file(key))).ino).toBe(before.ino)
    expect(await readdir(join(place.folder, 'uploads'))).toEqual([])
  })

  it('takes no room for parts that did not arrive yet', async () => {
    using place = temporary()
    const storage = await openIn(place.folder)
    const upload = await storage.createUpload(key, { size: 400 * 1024 * 1024 })
    const { blocks } = await stat(join(place.folder, 'uploads', upload.storageId, 'data'))
    expect(blocks * 512).toBeLessThan(1024 * 1024)
  })

  it('shows no files that somebody else put there', async () => {
    using place = temporary()
    const storage = await openIn(place.folder)
    await storage.put(key, stream(noise(3)), { maxBytes: 10 })
    await writeFile(join(place.folder, 'objects', 'client_001', 'ads', '.DS_Store'), 'x')
    await writeFile(join(place.folder, 'objects', 'notes.txt'), 'x')
    expect((await storage.list('', { limit: 10 })).items.map((item) => item.key)).toEqual([key])
  })

  it('clears away what a crash left of a put a day ago, and nothing younger', async () => {
    using place = temporary()
    await openIn(place.folder)
    const [old, young] = ['old', 'young'].map((name) => join(place.folder, 'incoming', name))
    for (const path of [old, young]) await writeFile(path ?? '', 'x')
    const twoDaysAgo = new Date(Date.now() - 2 * 24 * 60 * 60 * 1000)
    await utimes(old ?? '', twoDaysAgo, twoDaysAgo)
    await openIn(place.folder)
    expect(await readdir(join(place.folder, 'incoming'))).toEqual(['young'])
    expect(await readFile(young ?? '', 'utf8')).toBe('x')
  })

  it('refuses an upload id that would leave the folder', async () => {
    using place = temporary()
    const storage = await openIn(place.folder)
    const upload = { key, storageId: '../../objects', size: 1, partSize: 1 }
    await expect(storage.abortUpload(upload)).rejects.toMatchObject({ code: 'not-found' })
    await expect(storage.putPart(upload, 1, stream(noise(1)))).rejects.toMatchObject({ code: 'not-found' })
  })
})
