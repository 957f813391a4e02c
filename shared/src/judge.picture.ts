import type { JudgeSource } from './judge.source.ts'
import type { MediaType } from './media.ts'

/** The size in pixels that a picture's head says, before any turning; null if it is not among the first bytes. */
export async function pictureSize(
  source: JudgeSource,
  type: MediaType,
): Promise<{ width: number; height: number } | null> {
  const bytes = await source.read(0, Math.min(source.size, 256 * 1024))
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    switch (type) {
      case 'image/png':
        return { width: view.getUint32(16), height: view.getUint32(20) }
      case 'image/gif':
        return { width: view.getUint16(6, true), height: view.getUint16(8, true) }
      case 'image/webp':
        return webpSize(view)
      case 'image/jpeg':
        return jpegSize(view)
      default:
        return null
    }
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

function webpSize(view: DataView): { width: number; height: number } | null {
  switch (view.getUint32(12)) {
    case 0x56503858: // VP8X
      return { width: 1 + three(view, 24), height: 1 + three(view, 27) }
    case 0x5650384c: {
      // VP8L
      const bits = view.getUint32(21, true)
      return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >> 14) & 0x3fff) }
    }
    case 0x56503820: // VP8
      return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff }
    default:
      return null
  }
}

/** Goes from marker to marker until the frame's. */
function jpegSize(view: DataView): { width: number; height: number } | null {
  for (let at = 2; view.getUint8(at) === 0xff; ) {
    const marker = view.getUint8(at + 1)
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isFrame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) }
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2)
  }
  return null
}

function three(view: DataView, at: number): number {
  return view.getUint16(at, true) + (view.getUint8(at + 2) << 16)
}
