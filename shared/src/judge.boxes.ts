import type { JudgeSource } from './judge.ts'
import { MediaRefused } from './refused.ts'

/** A film of more fragments than this is long beyond any advertisement; its end was looked at anyway. */
const maxBoxes = 20_000
const windowBytes = 64 * 1024

/** Walks the outermost boxes of an MP4 or MOV: each must lie inside the file, and the table of contents must be there. */
export async function ensureWholeMp4(source: JudgeSource): Promise<void> {
  const read = windowed(source)
  let [at, hasContents, count] = [0, false, 0]
  while (at + 8 <= source.size && count++ < maxBoxes) {
    const head = await read(at, Math.min(16, source.size - at))
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
    const type = new TextDecoder('latin1').decode(head.subarray(4, 8))
    let size = view.getUint32(0)
    if (size === 0) size = source.size - at
    if (size === 1) size = head.byteLength < 16 ? 0 : Number(view.getBigUint64(8))
    // Some writers end with a few zeros.
    if (size === 0 || (size < 8 && hasContents)) break
    if (size < 8 || at + size > source.size) throw new MediaRefused('cut-off')
    if (type === 'moov') hasContents = true
    at += size
  }
  if (!hasContents) throw new MediaRefused('cut-off')
}

/** Walks into the head of a WebM or MKV: the segment's size, where the writer knew it, must lie inside the file. */
export async function ensureWholeEbml(source: JudgeSource): Promise<void> {
  const head = await source.read(0, Math.min(windowBytes, source.size))
  const header = element(head, 0)
  const segment = header?.size === undefined || header.size === null ? null : element(head, header.body + header.size)
  if (!segment) throw new MediaRefused('cut-off')
  if (segment.size !== null && segment.body + segment.size > source.size) throw new MediaRefused('cut-off')
}

/** One EBML element at `at`: where its body begins, and its size; null for "until the end". */
function element(bytes: Uint8Array, at: number): { body: number; size: number | null } | null {
  const idLength = Math.clz32(bytes[at] ?? 0) - 23
  const sizeAt = at + idLength
  const first = bytes[sizeAt]
  if (first === undefined || first === 0) return null
  const length = Math.clz32(first) - 23
  let size = first & (0xff >> length)
  let unknown = size === 0xff >> length
  for (let i = 1; i < length; i++) {
    const byte = bytes[sizeAt + i]
    if (byte === undefined) return null
    unknown &&= byte === 0xff
    size = size * 256 + byte
  }
  return { body: sizeAt + length, size: unknown ? null : size }
}

/** Small reads that lie near one another become one. */
function windowed(source: JudgeSource) {
  let [start, bytes] = [0, new Uint8Array()]
  return async (at: number, length: number): Promise<Uint8Array> => {
    if (at < start || at + length > start + bytes.byteLength) {
      ;[start, bytes] = [at, await source.read(at, Math.min(at + windowBytes, source.size))]
    }
    return bytes.subarray(at - start, at - start + length)
  }
}
