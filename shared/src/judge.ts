import { ensureWholeEbml, ensureWholeMp4 } from './judge.boxes.ts'
import { pictureSize } from './judge.picture.ts'
import { sniff, sniffBytes, sniffTail } from './judge.sniff.ts'
import type { JudgeSource } from './judge.source.ts'
import { type MediaFacts, type MediaType, maxBytes, maxPictureSide, maxPixels, type UploadCategory } from './media.ts'
import { MediaRefused } from './refused.ts'
import { piece } from './upload.fingerprint.ts'
import type { UploadSource } from './upload.types.ts'

/** A picture is known by its first bytes; whether it is whole, only decoding tells. */
export type Judged = MediaFacts | { readonly kind: 'picture'; readonly type: MediaType }

/** Judges a file by its content alone, never by its name. Throws `MediaRefused` with the reason. */
export async function judge(source: JudgeSource): Promise<Judged> {
  if (source.size === 0) throw new MediaRefused('empty')
  const head = await source.read(0, Math.min(sniffBytes, source.size))
  const sniffed = sniff(head)
  sniffTail(await source.read(Math.max(0, source.size - sniffBytes), source.size))
  if (sniffed.kind === 'picture') return sniffed
  await (sniffed.container === 'mp4' ? ensureWholeMp4(source) : ensureWholeEbml(source))
  // Loaded when a film comes: neither an idle server nor a page of pictures needs it.
  const { judgeFilm } = await import('./judge.film.ts')
  return judgeFilm(source)
}

/** Throws `too-large` over the limit of the category and kind. */
export function ensureKindSize(size: number, kind: MediaFacts['kind'], category: UploadCategory): void {
  const most = maxBytes[category][kind]
  if (size > most) throw new MediaRefused('too-large', { size, maxBytes: most, maxMB: most / 1024 / 1024 })
}

/** Throws `picture-too-big` if a kiosk could not show it. */
export function ensurePictureSize(width: number, height: number): void {
  const fits = width <= maxPictureSide && height <= maxPictureSide && width * height <= maxPixels
  if (!fits) throw new MediaRefused('picture-too-big', { width, height })
}

/** The same for a file that is about to be uploaded, with the limits of its category; for the uploader's `judge`. */
export async function judgeSource(file: UploadSource, category: UploadCategory = 'ads'): Promise<Judged> {
  const source: JudgeSource = { size: file.size, read: (start, end) => piece(file, start, end) }
  const judged = await judge(source)
  ensureKindSize(file.size, judged.kind, category)
  const size = judged.kind === 'picture' ? await pictureSize(source, judged.type) : null
  if (size) ensurePictureSize(size.width, size.height)
  return judged
}
