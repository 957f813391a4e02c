import { randomUUID } from 'node:crypto'
import { dirname, join } from 'node:path'
import { isMissing, type LocalFs, makeFolderOf, removeFile, syncFolder, toStorageError } from './local-files.ts'
import type { Hashes } from './local-hash.ts'
import { writeStream } from './local-write.ts'
import {
  type ByteSource,
  ensurePart,
  type PartOptions,
  partCount,
  partLength,
  StorageError,
  type StorageUpload,
  type StoredPart,
} from './storage.ts'

const MB = 1024 * 1024
/** More parts than this make no sense to anybody; larger files get larger parts. */
const maxParts = 10_000

/** The folder in which uploads are put together. */
export type Room = { readonly fs: LocalFs; readonly root: string; readonly hashes: Hashes }
type Note = { readonly key: string; readonly startedAt: number }

export async function createFolder({ fs, root }: Room, upload: StorageUpload, startedAt: Date): Promise<void> {
  const folder = folderOf(root, upload)
  const note: Note = { key: upload.key, startedAt: startedAt.getTime() }
  await fs.mkdir(folder, { recursive: true })
  const file = await fs.open(join(folder, 'data'), 'w')
  try {
    await file.truncate(upload.size)
  } finally {
    await file.close()
  }
  await fs.writeFile(join(folder, 'upload.json'), JSON.stringify(note))
}

/** A part on its way. */
export type Sending = PartOptions & {
  readonly upload: StorageUpload
  readonly part: number
  readonly body: ByteSource
}

/** The mark goes before the bytes are touched and comes back when they are safe. */
export async function writePart(
  { fs, root, hashes }: Room,
  { upload, part, body, ...options }: Sending,
): Promise<StoredPart> {
  const length = ensurePart(upload, part)
  const folder = folderOf(root, upload)
  const [mark, data] = [join(folder, `p${part}`), join(folder, 'data')]
  const file = await fs.open(data, 'r+').catch(missingUpload)
  try {
    await removeFile(fs, mark)
    hashes.changing(upload, part)
    const position = (part - 1) * upload.partSize
    const sent = await writeStream(file, body, { ...options, position, maxBytes: length }).catch(tooLong)
    if (sent !== length) throw new StorageError('checksum', `Part ${part} has ${length} bytes, but ${sent} were sent`)
    await file.datasync()
    await (await fs.open(mark, 'w')).close()
  } finally {
    await file.close()
  }
  hashes.arrived(upload, part, data)
  return toPart(upload, part)
}

export async function readParts({ fs, root }: Room, upload: StorageUpload): Promise<StoredPart[]> {
  const names = await fs.readdir(folderOf(root, upload)).catch(missingUpload)
  const numbers = names.filter((name) => /^p\d+$/.test(name)).map((name) => Number(name.slice(1)))
  return numbers.sort((a, b) => a - b).map((part) => toPart(upload, part))
}

/** Moves the whole file to `path`; if a crash came after the move, clears up behind it. */
export async function finishFolder(room: Room, upload: StorageUpload, path: string): Promise<void> {
  const { fs, root } = room
  const data = join(folderOf(root, upload), 'data')
  const file = await fs.open(data, 'r+').catch((error) => (isMissing(error) ? null : Promise.reject(error)))
  if (file) {
    try {
      ensureWhole(upload, await readParts(room, upload))
      await file.sync()
    } finally {
      await file.close()
    }
    await makeFolderOf(fs, path)
    await fs.rename(data, path)
    await syncFolder(fs, dirname(path))
  }
  await room.hashes.moved(upload, path)
  await removeFolder(room, upload)
}

export async function removeFolder({ fs, root, hashes }: Room, upload: StorageUpload): Promise<void> {
  const folder = folderOf(root, upload)
  const names = await fs.readdir(folder).catch((error) => (isMissing(error) ? null : Promise.reject(error)))
  if (!names) return
  await hashes.forget(upload)
  await Promise.all(names.map((name) => removeFile(fs, join(folder, name))))
  await fs.rmdir(folder).catch((error) => (isMissing(error) ? undefined : Promise.reject(error)))
}

export async function readNotes({ fs, root }: Room): Promise<{ key: string; storageId: string; startedAt: Date }[]> {
  const ids = await fs.readdir(root)
  const found = await Promise.all(ids.map((storageId) => readNote(fs, root, storageId)))
  return found.sort((a, b) => a.startedAt.getTime() - b.startedAt.getTime())
}

function folderOf(root: string, upload: { readonly storageId: string }): string {
  if (/^[0-9a-f-]{36}$/.test(upload.storageId)) return join(root, upload.storageId)
  throw new StorageError('not-found', 'There is no such upload')
}

export function newUpload(key: string, size: number): StorageUpload {
  return { key, storageId: randomUUID(), size, partSize: partSizeFor(size) }
}

export function partSizeFor(size: number): number {
  return Math.max(8, Math.ceil(size / maxParts / MB)) * MB
}

export function ensureWhole(upload: StorageUpload, parts: readonly StoredPart[]): void {
  const there = new Set(parts.map((part) => part.part))
  const missing = Array.from({ length: partCount(upload) }, (_, at) => at + 1).filter((part) => !there.has(part))
  if (missing.length === 0) return
  const some = missing.slice(0, 10).join(', ') + (missing.length > 10 ? ' …' : '')
  throw new StorageError('parts-missing', `Parts are missing: ${some}. Send them and complete the upload again`, {
    retry: true,
  })
}

async function readNote(fs: LocalFs, root: string, storageId: string) {
  try {
    // `create` wrote it.
    const note = JSON.parse(await fs.readFile(join(root, storageId, 'upload.json'), 'utf8')) as Note
    return { key: note.key, storageId, startedAt: new Date(note.startedAt) }
  } catch (error) {
    // Half made or half removed: the sweep may have it, under no key.
    if (!isMissing(error) && !(error instanceof SyntaxError)) throw toStorageError(error)
    const { mtime } = await fs.stat(join(root, storageId)).catch(() => ({ mtime: new Date(0) }))
    return { key: '', storageId, startedAt: mtime }
  }
}

function toPart(upload: StorageUpload, part: number): StoredPart {
  const size = partLength(upload, part) ?? 0
  return { part, size, etag: `${part}-${size}` }
}

function missingUpload(error: unknown): never {
  if (isMissing(error))
    throw new StorageError('not-found', 'There is no such upload. It was completed, cancelled or swept', {
      cause: error,
    })
  throw error
}

function tooLong(error: unknown): never {
  if (error instanceof StorageError && error.code === 'too-large')
    throw new StorageError('checksum', 'More bytes were sent than the part has', { cause: error })
  throw error
}
