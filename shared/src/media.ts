import { z } from 'zod'
import { bytes, id, instant, sha256 } from './wire.ts'

const MB = 1024 * 1024

/** Where bytes belong; the second segment of every storage key. */
export const categories = ['ads', 'agent', 'topics', 'derived'] as const
export const category = z.enum(categories)
export type Category = z.infer<typeof category>

/** Categories that people and scripts may upload to. */
export const uploadCategories = ['ads', 'agent'] as const
export type UploadCategory = (typeof uploadCategories)[number]

export type MediaKind = 'film' | 'picture'

/** The largest upload in bytes, per category and kind. */
export const maxBytes: Record<UploadCategory, Record<MediaKind, number>> = {
  ads: { film: 500 * MB, picture: 500 * MB },
  agent: { film: 50 * MB, picture: 10 * MB },
}
/** Pictures of more pixels than this are refused: a kiosk would need over 200 MB to decode one. */
export const maxPixels = 50_000_000
export const maxPictureSide = 16_384
/** A poster is a JPEG, PNG or WebP of at most this many bytes; the server makes it 640 px wide. */
export const maxPosterBytes = 2 * MB

/** What Chromium on a kiosk plays, by MIME type, with the file extension that the storage key gets. */
export const mediaTypes = {
  'video/mp4': { kind: 'film', extension: 'mp4' },
  'video/quicktime': { kind: 'film', extension: 'mov' },
  'video/webm': { kind: 'film', extension: 'webm' },
  'image/jpeg': { kind: 'picture', extension: 'jpg' },
  'image/png': { kind: 'picture', extension: 'png' },
  'image/webp': { kind: 'picture', extension: 'webp' },
  'image/gif': { kind: 'picture', extension: 'gif' },
  'image/avif': { kind: 'picture', extension: 'avif' },
} as const satisfies Record<string, { kind: MediaKind; extension: string }>
export type MediaType = keyof typeof mediaTypes
export const mediaTypeNames = Object.keys(mediaTypes) as [MediaType, ...MediaType[]]

export const videoCodecs = ['avc', 'vp8', 'vp9', 'av1'] as const
export const audioCodecs = ['aac', 'opus', 'mp3'] as const

/**
 * Why a file is refused, by its content. One sentence per reason in the message files of the panel, and in English
 * on the server (`uploads/refusals.ts`), each with what to do.
 */
export const refusals = [
  'empty',
  'cut-off',
  'unknown-type',
  'container',
  'video-codec',
  'audio-codec',
  'encrypted',
  'no-video-track',
  'heic',
  'markup',
  'picture-damaged',
  'picture-too-big',
  'too-large',
] as const
export type Refusal = (typeof refusals)[number]

/** What is known of a file after it was judged by its content. Sizes in pixels as shown (rotation applied). */
export type MediaFacts = {
  readonly type: MediaType
  readonly kind: MediaKind
  readonly width: number
  readonly height: number
  /** Null for pictures. */
  readonly durationMs: number | null
  readonly videoCodec: string | null
  readonly audioCodec: string | null
}

/** The bytes of one file and what is known of them. `url` is absolute, signed, and good for this object only. */
export const asset = z.object({
  id,
  category,
  kind: z.enum(['film', 'picture']),
  type: z.enum(mediaTypeNames),
  fileName: z.string(),
  size: bytes,
  sha256,
  width: z.int(),
  height: z.int(),
  durationMs: z.int().nullable(),
  hasSound: z.boolean(),
  url: z.url(),
  posterUrl: z.url().nullable(),
  createdAt: instant,
})
export type Asset = z.infer<typeof asset>
