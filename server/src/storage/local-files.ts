import { createHash, type Hash } from 'node:crypto'
import { constants } from 'node:fs'
import * as nodeFs from 'node:fs/promises'
import { dirname } from 'node:path'
import { type ByteRange, type ByteSource, type ByteStream, StorageError } from './storage.ts'

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
/** Small pieces of the network are gathered to this before one write. */
const writeBytes = 512 * 1024

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

type WriteOptions = {
  readonly position: number
  /** Throws `too-large` as soon as more arrive. */
  readonly maxBytes: number
  readonly hash?: Hash
  readonly signal?: AbortSignal | undefined
}

/** Writes a stream into an open file: one piece is received while the one before is written. Gives the bytes written. */
export async function writeStream(file: LocalFile, body: ByteSource, options: WriteOptions): Promise<number> {
  const source = open(body)
  const aborted = whenAborted(options.signal)
  try {
    return await pump(file, source, { ...options, aborted: aborted.promise })
  } catch (error) {
    source.stop(error)
    throw error
  } finally {
    aborted.forget()
  }
}

type Source = {
  next(): Promise<{ done?: boolean | undefined; value?: Uint8Array | undefined }>
  stop(reason: unknown): void
}

function open(body: ByteSource): Source {
  if (body instanceof ReadableStream) {
    const reader = body.getReader()
    return { next: () => reader.read(), stop: (reason) => void reader.cancel(reason).catch(() => {}) }
  }
  const iterator = body[Symbol.asyncIterator]()
  return { next: () => iterator.next(), stop: () => void iterator.return?.().catch(() => {}) }
}

function whenAborted(signal: AbortSignal | undefined): { promise: Promise<never>; forget: () => void } {
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(new StorageError('aborted', 'The upload was broken off', { cause: signal?.reason }))
  promise.catch(() => {})
  signal?.addEventListener('abort', onAbort, { once: true })
  if (signal?.aborted) onAbort()
  return { promise, forget: () => signal?.removeEventListener('abort', onAbort) }
}

async function pump(
  file: LocalFile,
  source: Source,
  options: WriteOptions & { aborted: Promise<never> },
): Promise<number> {
  let [total, gathered, batch, writing]: [number, number, Uint8Array[], Promise<void>] = [0, 0, [], Promise.resolve()]
  const flush = async () => {
    const [pieces, position] = [batch, options.position + total - gathered]
    ;[batch, gathered] = [[], 0]
    await writing
    writing = writeAll(file, pieces, position)
    // Awaited at the next flush; until then a failure is no unhandled one.
    writing.catch(() => {})
  }
  try {
    for (;;) {
      const { done, value } = await Promise.race([source.next().catch(stopped), options.aborted])
      if (done || !value) break
      total += value.byteLength
      if (total > options.maxBytes) throw new StorageError('too-large', `More than ${options.maxBytes} bytes were sent`)
      options.hash?.update(value)
      batch.push(value)
      gathered += value.byteLength
      if (gathered >= writeBytes) await flush()
    }
    if (gathered > 0) await flush()
  } finally {
    // The file is not closed, nor its part taken by another sender, while a write is on its way.
    await writing
  }
  return total
}

function stopped(cause: unknown): never {
  throw cause instanceof StorageError ? cause : new StorageError('aborted', 'The bytes stopped coming', { cause })
}

async function writeAll(file: LocalFile, pieces: Uint8Array[], position: number): Promise<void> {
  const wanted = pieces.reduce((sum, piece) => sum + piece.byteLength, 0)
  const { bytesWritten } = await file.writev(pieces, position)
  if (bytesWritten < wanted)
    await writeRest(file, Buffer.concat(pieces).subarray(bytesWritten), position + bytesWritten)
}

/** A write may be cut short, on a disk that is nearly full for one; the next one then tells why. */
async function writeRest(file: LocalFile, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.byteLength - done, position + done)
    if (bytesWritten === 0)
      throw new StorageError('full', 'The disk takes no more bytes. Free some space and try again')
    done += bytesWritten
  }
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

/** Hashes a file through one buffer. */
export async function hashFile(file: LocalFile): Promise<string> {
  const [hash, buffer] = [newHash(), Buffer.allocUnsafeSlow(MB)]
  for (let position = 0; ; ) {
    const { bytesRead } = await file.read(buffer, 0, MB, position)
    if (bytesRead === 0) return hash.digest('hex')
    hash.update(bytesRead === MB ? buffer : buffer.subarray(0, bytesRead))
    position += bytesRead
  }
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
