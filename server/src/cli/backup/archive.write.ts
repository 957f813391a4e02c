import { createHash } from 'node:crypto'
import { type FileHandle, open, readdir, rename, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import process from 'node:process'
import { type Pack, pack } from 'tar-stream'
import { AppError } from '../../errors.ts'
import { closingBytes, endOf, type ManifestLine, sumOf } from './archive.format.ts'
import { diskError } from './disk-error.ts'

const bufferBytes = 4 * 1024 * 1024

export type ArchiveWriter = {
  /** Name, size and SHA-256 of what was added. */
  readonly entries: ManifestLine[]
  add(name: string, bytes: Uint8Array, sha256?: string): Promise<void>
  addStream(name: string, stream: { size: number; body: AsyncIterable<Uint8Array>; sha256?: string }): Promise<void>
}

/**
 * Writes a backup under a temporary name beside `path`; it appears there whole and synced, in place of an older one, or
 * not at all.
 */
export async function writeArchive(path: string, fill: (archive: ArchiveWriter) => Promise<void>): Promise<void> {
  const target = resolve(path)
  await ensureFile(target)
  try {
    await removeStale(target)
    await writeBeside(target, fill)
  } catch (error) {
    throw diskError(error, target)
  }
}

async function writeBeside(target: string, fill: (archive: ArchiveWriter) => Promise<void>): Promise<void> {
  const temporary = `${target}.part-${process.pid}`
  const file = await open(temporary, 'wx', 0o600)
  try {
    await writeAll(file, fill)
    await file.sync()
    await file.close()
    await rename(temporary, target)
    await syncFolder(dirname(target))
  } catch (error) {
    await file.close().catch(() => undefined)
    await unlink(temporary).catch(() => undefined)
    throw error
  }
}

async function writeAll(file: FileHandle, fill: (archive: ArchiveWriter) => Promise<void>): Promise<void> {
  const tar = pack({ highWaterMark: bufferBytes })
  const written = drain(tar, file)
  const broken = Promise.withResolvers<never>()
  let cause: unknown
  written.catch((error: unknown) => {
    cause = error
    broken.reject(error)
  })
  broken.promise.catch(() => undefined)
  try {
    await fill(makeWriter(tar, broken.promise))
  } catch (error) {
    // When writing failed, the streams before it only say that they were ended.
    const first = cause ?? error
    tar.destroy(first instanceof Error ? first : new Error(String(first)))
    await written.catch(() => undefined)
    throw cause === undefined ? first : cause
  }
  tar.finalize()
  const { crc, bytes } = await written
  const end = await endOf(crc, bytes)
  await file.write(end, 0, end.length, bytes)
}

function makeWriter(tar: Pack, broken: Promise<never>): ArchiveWriter {
  const entries: ManifestLine[] = []
  const header = (name: string, size: number) => ({ name, size, mode: 0o600, mtime: new Date() })
  return {
    entries,
    async add(name, bytes, sha256 = createHash('sha256').update(bytes).digest('hex')) {
      const { promise, resolve: done, reject } = Promise.withResolvers<void>()
      tar.entry(header(name, bytes.byteLength), bytes, (error) => (error ? reject(error) : done()))
      await Promise.race([promise, broken])
      entries.push([name, bytes.byteLength, sha256])
    },
    async addStream(name, { size, body, sha256 }) {
      const { promise, resolve: done, reject } = Promise.withResolvers<void>()
      const hash = sha256 === undefined ? createHash('sha256') : null
      const sink = tar.entry(header(name, size), (error) => (error ? reject(error) : done()))
      promise.catch(() => undefined)
      for await (const piece of body) {
        hash?.update(piece)
        if (!sink.write(piece)) await Promise.race([new Promise<void>((go) => sink.once('drain', go)), promise, broken])
      }
      sink.end(null)
      await Promise.race([promise, broken])
      entries.push([name, size, sha256 ?? hash?.digest('hex') ?? ''])
    },
  }
}

/** Gathers what comes to large writes; one buffer fills while the other is written. Leaves out the zeros that end a tar. */
async function drain(tar: Pack, file: FileHandle): Promise<{ crc: number; bytes: number }> {
  let [buffer, spare] = [Buffer.allocUnsafeSlow(bufferBytes), Buffer.allocUnsafeSlow(bufferBytes)]
  let [filled, crc, bytes, writing] = [0, 0, 0, Promise.resolve()]
  const flush = async () => {
    const piece = buffer.subarray(0, filled - closingBytes)
    const at = bytes
    bytes += piece.length
    crc = sumOf(piece, crc)
    await writing
    writing = writeFully(file, piece, at)
    writing.catch(() => undefined)
    buffer.copy(spare, 0, filled - closingBytes, filled)
    ;[buffer, spare, filled] = [spare, buffer, closingBytes]
  }
  // Its streams are async iterables of bytes, which its types do not say.
  for await (const piece of tar as unknown as AsyncIterable<Uint8Array>) {
    for (let at = 0; at < piece.byteLength; ) {
      const part = piece.subarray(at, at + buffer.length - filled)
      buffer.set(part, filled)
      at += part.byteLength
      filled += part.byteLength
      if (filled === buffer.length) await flush()
    }
  }
  await flush()
  await writing
  return { crc, bytes }
}

async function writeFully(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.byteLength - done, position + done)
    if (bytesWritten === 0) throw Object.assign(new Error('No byte was taken'), { code: 'ENOSPC' })
    done += bytesWritten
  }
}

async function ensureFile(path: string): Promise<void> {
  const stats = await stat(path).catch(() => null)
  if (stats && !stats.isFile())
    throw new AppError('bad-input', `"${path}" is no file. Name a file for the backup, e.g. marquee.tar`)
  const folder = await stat(dirname(path)).catch(() => null)
  if (!folder?.isDirectory())
    throw new AppError('bad-input', `There is no folder "${dirname(path)}". Make it, or name another file`)
}

/** What a killed backup left of this name. */
async function removeStale(path: string): Promise<void> {
  const folder = dirname(path)
  const beginning = `${basename(path)}.part-`
  for (const name of await readdir(folder))
    if (name.startsWith(beginning) && !isAlive(Number(name.slice(beginning.length)))) await unlink(join(folder, name))
}

function isAlive(pid: number): boolean {
  try {
    return Number.isSafeInteger(pid) && process.kill(pid, 0)
  } catch (error) {
    // Somebody else's process is alive, too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}
