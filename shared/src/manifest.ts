import { z } from 'zod'

const item = z.object({
  adId: z.string(),
  title: z.string(),
  kind: z.enum(['film', 'picture']),
  type: z.string(),
  /** Absolute and signed; the same URL for half a day or more, so caches hold it. */
  url: z.string(),
  size: z.number(),
  sha256: z.string(),
  /** How long a picture stays, or how long the film says it is. */
  durationMs: z.number(),
  fit: z.enum(['contain', 'cover']),
  /** 0 to 100. */
  volume: z.number(),
  /** Milliseconds since 1970, or null. */
  validFrom: z.number().nullable(),
  validUntil: z.number().nullable(),
})

/**
 * What a screen must have and play. Players in the field speak this for years, so the schema stands alone: it imports
 * nothing of ours, fields are only added, and a change of meaning is a new `version` served beside the old one.
 */
export const manifestV1 = z.object({
  version: z.literal(1),
  /** Grows with every change; a screen converges on the newest. */
  revision: z.int(),
  screen: z.object({
    id: z.string(),
    name: z.string(),
    orientation: z.union([z.literal(0), z.literal(90), z.literal(180), z.literal(270)]),
    muted: z.boolean(),
    shuffle: z.boolean(),
  }),
  /** In order. Items that are not valid yet are included, so a screen without network starts them by its own clock. */
  items: z.array(item),
  /**
   * To be shown once, at once, before the loop goes on; not any more after `until`, and no second time, for which a screen
   * remembers `id`. The item need not be in the loop. Players of before pass over it.
   */
  now: z.object({ id: z.string(), item, until: z.number() }).nullish(),
  /** The server's clock when it answered, milliseconds since 1970. */
  serverTime: z.number(),
  /** Fetch again before this, for URLs end then. */
  refreshBefore: z.number(),
})
export type Manifest = z.infer<typeof manifestV1>
export type ManifestItem = Manifest['items'][number]
