import { z } from 'zod'
import { ad, adDraft } from './ads.ts'
import { asset, uploadCategories } from './media.ts'
import { bytes, id, instant, pageInput, pageOf, sha256 } from './wire.ts'

/** Parts that one uploader sends at once. */
export const partsAtOnce = 3
/** An upload that got no part for this long is swept. */
export const uploadLifetimeMs = 24 * 60 * 60 * 1000

/**
 * A file's own name as the person knows it. Kept for people only: it never becomes a path, so anything
 * goes except emptiness; control and direction marks are removed, slashes are kept out.
 */
export const fileName = z
  .string()
  .max(4096)
  .transform((value) => cleanFileName(value))

export const createUpload = z.object({
  fileName,
  size: z.int().min(1).max(Number.MAX_SAFE_INTEGER),
  category: z.enum(uploadCategories).default('ads'),
  /** Says which file of which device this is, so that the same uploader finds it again after a reload. */
  fingerprint: z.string().max(200).optional(),
  /** If given, completion fails with `checksum` unless the bytes have it. */
  sha256: sha256.optional(),
})

export const uploadState = z.object({
  id,
  fileName: z.string(),
  size: bytes,
  category: z.enum(uploadCategories),
  fingerprint: z.string().nullable(),
  /** Every part has this many bytes but the last, which has the rest. Parts count from 1. */
  partSize: bytes,
  partCount: z.int(),
  /** Numbers of the parts that have arrived whole. */
  arrived: z.array(z.int()),
  expiresAt: instant,
  createdAt: instant,
})
export type UploadState = z.infer<typeof uploadState>

export const signParts = z.object({ id, parts: z.array(z.int().min(1).max(10_000)).min(1).max(100) })
/** `PUT` the part's bytes to `url`; good until `expiresAt`, then sign again. */
export const signedParts = z.object({ parts: z.array(z.object({ part: z.int(), url: z.url(), expiresAt: instant })) })

export const completeUpload = z.object({
  id,
  /** Makes an ad of it in the same transaction. */
  ad: adDraft.optional(),
  /** A still of the film as `data:image/jpeg;base64,…`, taken by the uploading browser; checked and redrawn by the server. */
  poster: z.string().max(3_000_000).optional(),
})
export const completedUpload = z.object({
  asset,
  ad: ad.nullable(),
  /** True if the tenant had these bytes already: they are stored once. */
  duplicate: z.boolean(),
  revision: z.int(),
})
export type CompletedUpload = z.infer<typeof completedUpload>

/** Unfinished ones of the tenant; with `mine`, those that the caller began. */
export const listUploads = pageInput.extend({ mine: z.boolean().default(false) })
export const uploadPage = pageOf(uploadState)

/** A name to show: last path segment, no control or direction marks, at most 200 characters, never empty. */
export function cleanFileName(value: string): string {
  const last = value.split(/[/\\]/).pop() ?? ''
  // Control characters, direction marks, zero-width space, BOM
  const shown = last
    .normalize('NFC')
    .replace(/[\p{Cc}\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu, '')
    .trim()
  const short = [...shown].slice(0, 200).join('')
  return /^\.*$/.test(short) ? 'untitled' : short
}
