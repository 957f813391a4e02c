import type { MediaType } from './media.ts'
import { MediaRefused } from './refused.ts'

/** What the first bytes say that a file is. Which film it is exactly the container tells later. */
export type Sniffed =
  | { readonly kind: 'picture'; readonly type: MediaType }
  | { readonly kind: 'film'; readonly container: 'mp4' | 'ebml' }

/** So many bytes from the start (and from the end) are looked at. */
export const sniffBytes = 4096
const markupBytes = 1024
const heicBrands = ['heic', 'heix', 'hevc', 'hevx', 'heim', 'heis', 'mif1', 'msf1']
const mp4Boxes = ['ftyp', 'moov', 'mdat', 'free', 'skip', 'wide', 'pnot', 'styp', 'moof']
const otherContainers: readonly (readonly [name: string, is: (head: Uint8Array, text: string) => boolean])[] = [
  ['AVI', (_, text) => text.startsWith('RIFF') && text.slice(8, 12) === 'AVI '],
  ['WMV', (head) => startsWith(head, [0x30, 0x26, 0xb2, 0x75])],
  ['FLV', (_, text) => text.startsWith('FLV')],
  ['Ogg', (_, text) => text.startsWith('OggS')],
  ['MPEG-PS', (head) => startsWith(head, [0, 0, 1, 0xba])],
  ['MPEG-TS', (head) => head[0] === 0x47 && head[188] === 0x47 && head[376] === 0x47],
  ['M2TS', (head) => head[4] === 0x47 && head[196] === 0x47 && head[388] === 0x47],
  ['RealMedia', (_, text) => text.startsWith('.RMF')],
]

/** Decides by the first bytes; throws what they rule out. */
export function sniff(head: Uint8Array): Sniffed {
  const text = latin(head)
  refuseMarkup(text.slice(0, markupBytes))
  const picture = pictureType(head, text)
  if (picture) return { kind: 'picture', type: picture }
  if (startsWith(head, [0x1a, 0x45, 0xdf, 0xa3])) return { kind: 'film', container: 'ebml' }
  if (mp4Boxes.includes(text.slice(4, 8))) {
    if (heicBrands.includes(text.slice(8, 12))) throw new MediaRefused('heic')
    return { kind: 'film', container: 'mp4' }
  }
  const other = otherContainers.find(([, is]) => is(head, text))
  if (other) throw new MediaRefused('container', { found: other[0] })
  if (isSound(head, text)) throw new MediaRefused('no-video-track')
  throw new MediaRefused('unknown-type')
}

/** Refuses what is a second file at the end of the first: a web page, or an archive that closes with its directory. */
export function sniffTail(tail: Uint8Array): void {
  const text = latin(tail)
  refuseMarkup(text)
  const zip = text.lastIndexOf('PK\u0005\u0006')
  if (zip < 0 || zip + 22 > tail.byteLength) return
  const comment = (tail[zip + 20] ?? 0) + 256 * (tail[zip + 21] ?? 0)
  if (zip + 22 + comment === tail.byteLength) throw new MediaRefused('unknown-type', { found: 'ZIP' })
}

function refuseMarkup(text: string): void {
  if (/<(?:script|html|svg|body|iframe|!doctype\s+html)[\s>/]/i.test(text)) throw new MediaRefused('markup')
}

function pictureType(head: Uint8Array, text: string): MediaType | null {
  if (startsWith(head, [0xff, 0xd8, 0xff])) return 'image/jpeg'
  if (startsWith(head, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return 'image/png'
  if (text.startsWith('GIF87a') || text.startsWith('GIF89a')) return 'image/gif'
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return 'image/webp'
  if (text.slice(4, 8) === 'ftyp' && brands(head, text).some((brand) => brand === 'avif' || brand === 'avis'))
    return 'image/avif'
  return null
}

/** The brands that a file says it follows; a HEIC one can name AVIF only if it is one. */
function brands(head: Uint8Array, text: string): string[] {
  const end = Math.min(((head[2] ?? 0) << 8) + (head[3] ?? 0), 256)
  const found = [text.slice(8, 12)]
  for (let at = 16; at + 4 <= end; at += 4) found.push(text.slice(at, at + 4))
  return found
}

function isSound(head: Uint8Array, text: string): boolean {
  const wav = text.startsWith('RIFF') && text.slice(8, 12) === 'WAVE'
  const frames = head[0] === 0xff && ((head[1] ?? 0) & 0xe0) === 0xe0
  return wav || frames || text.startsWith('ID3') || text.startsWith('fLaC')
}

function startsWith(head: Uint8Array, bytes: readonly number[]): boolean {
  return bytes.every((byte, at) => head[at] === byte)
}

function latin(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes)
}
