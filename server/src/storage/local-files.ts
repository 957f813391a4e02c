import { createHash, type Hash } from 'node:crypto'
import { constants } from 'node:fs'
import * as nodeFs from 'node:fs/promises'
import { dirname } from 'node:path'
import { type ByteRange, type ByteStream, StorageError } from './storage.ts'

/** What the local adapter asks of the disk; tests put faults in. */
export type LocalFs = Pick<
  typeof nodeFs,
  | 'open'
  | 'mkdir'
  | 'rename'
  | 'rmdir'
  | 'unlink'
  | 'readdir'
  | 'readFile'
  | 'writeFile'
  | 'stat'
  | 'statfs'
  | 'link'
  | 'copyFile'
>
export const diskFs: LocalFs = nodeFs
export type LocalFile = Awaited<ReturnType<LocalFs['open']>>

const MB = 1024 * 1024

const codes: Record<string, ConstructorParameters<typeof StorageError>[0]> = {
  ENOENT: 'not-found',
  ENOTDIR: 'not-found',
  ENOSPC: 'full',
  EDQUOT: 'full',
  EFBIG: 'full',
  EACCES: 'denied',
  EPERM: 'denied',
  EROFS: 'denied',
}
const sentences: Partial<Record<string, string>> = {
  full: 'The disk is full. Free some space and try again',
  denied: 'The data folder can not be written. Check its owner and permissions',
  'not-found': 'The file is not there',
}

/** Any failure as a `StorageError`. */
export function toStorageError(error: unknown): StorageError {
  if (error instanceof StorageError) return error
  const code = codes[codeOf(error) ?? ''] ?? 'unavailable'
  return new StorageError(code, sentences[code] ?? `The disk failed (${codeOf(error) ?? 'unknown'}). Try again`, {
    cause: error,
  })
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT'
}

/** The bytes of a range in pieces of 1 MB, read when they are asked for. Closes the file at the end, on cancel and on abort. */
export function readStream(file: LocalFile, range: ByteRange, signal?: AbortSignal): ByteStream {
  let position = range.start
  const close = () => file.close().catch(() => {})
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        try {
          signal?.throwIfAborted()
          const wanted = Math.min(MB, range.end - position + 1)
          const bytes = wanted > 0 ? await readExactly(file, wanted, position) : null
          if (bytes) controller.enqueue(bytes)
          position += wanted
          if (position <= range.end) return
          await close()
          controller.close()
        } catch (error) {
          await close()
          controller.error(
            signal?.aborted
              ? new StorageError('aborted', 'The read was broken off', { cause: error })
              : toStorageError(error),
          )
        }
      },
      cancel: close,
    },
    { highWaterMark: 0 },
  )
}

async function readExactly(file: LocalFile, length: number, position: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer)
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, length - done, position + done)
    if (bytesRead === 0) throw new StorageError('unavailable', 'The file became shorter while it was read')
    done += bytesRead
  }
  return bytes
}

/** Silent if it is gone. */
export async function removeFile(fs: LocalFs, path: string): Promise<void> {
  await fs.unlink(path).catch((error) => {
    if (!isMissing(error)) throw error
  })
}

/** Makes renames and removals in a folder survive a power cut. */
export async function syncFolder(fs: LocalFs, folder: string): Promise<void> {
  const handle = await fs.open(folder, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes the folder of a file, durably. */
export async function makeFolderOf(fs: LocalFs, path: string): Promise<void> {
  const first = await fs.mkdir(dirname(path), { recursive: true })
  if (first === undefined) return
  for (let folder = dirname(path); folder.length >= dirname(first).length; folder = dirname(folder))
    await syncFolder(fs, folder)
}

export function newHash(): Hash {
  return createHash('sha256')
}
