import type { Hash } from 'node:crypto'
import type { LocalFile } from './local-files.ts'
import { type ByteSource, StorageError } from './storage.ts'

/** Small pieces of the network are gathered to this before one write. */
const writeBytes = 512 * 1024

type WriteOptions = {
  readonly position: number
  /** Throws `too-large` as soon as more arrive. */
  readonly maxBytes: number
  readonly hash?: Hash
  readonly signal?: AbortSignal | undefined
  /** See `PartOptions`. */
  readonly ownsPieces?: boolean | undefined
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
    writing = writeAll(file, pieces, position).finally(() => options.ownsPieces && pieces.forEach(free))
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

/**
 * Gives the memory of a piece back at once. Left to the garbage collector, the pieces of a large upload make it go through
 * the whole heap again and again, for more time than everything else that is done with them.
 */
function free({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0)
}
