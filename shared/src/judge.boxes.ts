import type { JudgeSource } from './judge.source.ts'
import { MediaRefused } from './refused.ts'

type Read = (at: number, length: number) => Promise<Uint8Array>
type Box = { readonly type: string; readonly body: number; readonly end: number }

/** A file of more pieces than this is long beyond any advertisement; its beginning was looked at anyway. */
const maxBoxes = 20_000
const windowBytes = 64 * 1024

/**
 * Walks the boxes of an MP4 or MOV: each of the outermost ones must lie inside the file, the table of contents must be
 * there, and no track may be encrypted.
 */
export async function ensureWholeMp4(source: JudgeSource): Promise<void> {
  const read = windowed(source)
  let contents: Box | null = null
  for await (const box of boxes(read, 0, source.size)) {
    // Some writers end with a few zeros.
    if (box.end < box.body && contents) break
    if (box.end < box.body || box.end > source.size) throw new MediaRefused('cut-off')
    if (box.type === 'moov') contents = box
  }
  if (!contents) throw new MediaRefused('cut-off')
  await refuseEncrypted(read, contents)
}

/** The sample entry of an encrypted track names the protection instead of the codec. */
async function refuseEncrypted(read: Read, contents: Box): Promise<void> {
  const path = ['trak', 'mdia', 'minf', 'stbl', 'stsd']
  let level = [contents]
  for (const type of path) {
    const below: Box[] = []
    for (const { body, end } of level) {
      for await (const box of boxes(read, body, end)) if (box.type === type) below.push(box)
    }
    level = below
  }
  for (const { body } of level) {
    // Version, flags and a count come before the entries.
    const entry = await read(body + 8, 8)
    if (/^(?:encv|enca|encs|enct|drm[sit])$/.test(latin(entry.subarray(4, 8)))) throw new MediaRefused('encrypted')
  }
}

async function* boxes(read: Read, start: number, end: number): AsyncGenerator<Box> {
  let at = start
  for (let count = 0; at + 8 <= end && count < maxBoxes; count++) {
    const head = await read(at, Math.min(16, end - at))
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
    const [short, type] = [view.getUint32(0), latin(head.subarray(4, 8))]
    const long = short === 1 && head.byteLength === 16
    const size = long ? Number(view.getBigUint64(8)) : short === 0 && type !== '\0\0\0\0' ? end - at : short
    const box = { type, body: at + (long ? 16 : 8), end: at + size }
    yield box
    if (box.end < box.body) return
    at = box.end
  }
}

const segmentId = 0x18538067
const clusterId = 0x1f43b675

/** Walks the elements of a WebM or MKV: each must lie inside the file. */
export async function ensureWholeEbml(source: JudgeSource): Promise<void> {
  const read = windowed(source)
  let [at, seen] = [0, false]
  for (let count = 0; at < source.size && count < maxBoxes; count++) {
    const element = parseElement(await read(at, Math.min(12, source.size - at)))
    if (!element) throw new MediaRefused('cut-off')
    const body = at + element.length
    seen ||= element.id === segmentId
    // Whoever records live does not know sizes beforehand: go on with what is inside.
    const inside = element.size === null || element.id === segmentId
    if (element.size !== null && body + element.size > source.size) throw new MediaRefused('cut-off')
    if (element.size === null && element.id !== segmentId && element.id !== clusterId) throw new MediaRefused('cut-off')
    at = inside ? body : body + (element.size ?? 0)
  }
  if (!seen) throw new MediaRefused('cut-off')
}

/** One EBML element: its id, the length of its head, and its size; null for "until the end". */
function parseElement(bytes: Uint8Array): { id: number; length: number; size: number | null } | null {
  const idLength = Math.clz32(bytes[0] ?? 0) - 23
  const sizeLength = Math.clz32(bytes[idLength] ?? 0) - 23
  const length = idLength + sizeLength
  if (idLength > 4 || sizeLength > 8 || length > bytes.byteLength) return null
  const id = bytes.subarray(0, idLength).reduce((value, byte) => value * 256 + byte, 0)
  const mask = 0xff >> sizeLength
  const rest = bytes.subarray(idLength + 1, length)
  const first = (bytes[idLength] ?? 0) & mask
  const unknown = first === mask && rest.every((byte) => byte === 0xff)
  return { id, length, size: unknown ? null : rest.reduce((value, byte) => value * 256 + byte, first) }
}

/** Small reads that lie near one another become one. */
function windowed(source: JudgeSource): Read {
  let [start, bytes] = [0, new Uint8Array()]
  return async (at, length) => {
    if (at < start || at + length > start + bytes.byteLength) {
      ;[start, bytes] = [at, await source.read(at, Math.min(at + windowBytes, source.size))]
    }
    return bytes.subarray(at - start, at - start + length)
  }
}

function latin(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes)
}
