import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { type Extract, extract } from 'tar-stream'
import { AppError } from '../../errors.ts'
import { endBytes, endOf, format, names, sumOf } from './archive.format.ts'

const bufferBytes = 4 * 1024 * 1024

export type ArchiveEntry = { readonly name: string; readonly size: number; readonly body: AsyncIterable<Uint8Array> }

/** Reads the whole file once; refuses it if any byte differs from what was written, or if a newer Marquee made it. */
export async function verifyArchive(path: string, onBytes: (done: number, all: number) => void): Promise<void> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw new AppError('not-found', `The file "${path}" can't be read (${codeOf(error)})`, { cause: error })
  })
  try {
    const { size } = await file.stat()
    await ensureKnown(file, path)
    const counted = size - endBytes
    if (counted <= 0) throw damaged(path)
    const crc = await sumUpTo(file, counted, (done) => onBytes(done, size))
    const end = Buffer.alloc(endBytes)
    await file.read(end, 0, endBytes, counted)
    if (!end.equals(await endOf(crc, counted))) throw damaged(path)
  } finally {
    await file.close()
  }
}

async function sumUpTo(file: FileHandle, end: number, onBytes: (done: number) => void): Promise<number> {
  const buffer = Buffer.allocUnsafeSlow(bufferBytes)
  let crc = 0
  for (let at = 0; at < end; ) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(bufferBytes, end - at), at)
    if (bytesRead === 0) break
    crc = sumOf(buffer.subarray(0, bytesRead), crc)
    at += bytesRead
    onBytes(at)
  }
  return crc
}

/** The first entry says which format it has; a later one may end in another way. */
async function ensureKnown(file: FileHandle, path: string): Promise<void> {
  const start = Buffer.alloc(bufferBytes)
  const { bytesRead } = await file.read(start, 0, start.length, 0)
  const text = start.subarray(0, bytesRead).toString('latin1')
  if (!text.startsWith(names.about)) throw damaged(path)
  const [, found] = /^\{"format":(\d{1,9}),/.exec(text.slice(512)) ?? []
  if (found !== undefined && Number(found) > format)
    throw new AppError(
      'conflict',
      `"${path}" was made by a newer Marquee. Restore it with that version, or a later one`,
    )
}

/** The entries in order; each is read before the next is asked for. */
export async function* readArchive(path: string): AsyncGenerator<ArchiveEntry> {
  const tar: Extract = extract()
  const source = createReadStream(path, { highWaterMark: bufferBytes })
  source.on('error', (error) => tar.destroy(error))
  source.pipe(tar as unknown as NodeJS.WritableStream)
  try {
    for await (const entry of tar) {
      // Its streams are async iterables of bytes, which its types do not say.
      const body = entry as unknown as AsyncIterable<Uint8Array>
      yield { name: entry.header.name, size: entry.header.size, body }
    }
  } finally {
    source.destroy()
  }
}

export async function bytesOf({ body }: Pick<ArchiveEntry, 'body'>): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of body) pieces.push(piece)
  return Buffer.concat(pieces)
}

export function damaged(path: string): AppError {
  return new AppError('checksum', `"${path}" is damaged, or no backup of Marquee. Use another backup`)
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
