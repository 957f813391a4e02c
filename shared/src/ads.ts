import { z } from 'zod'
import { asset } from './media.ts'
import { adStates } from './playback.ts'
import { id, instant, line, pageInput, pageOf } from './wire.ts'

export const minDurationMs = 1_000
export const maxDurationMs = 3_600_000
export const defaultDurationMs = 10_000
/** A deleted ad can be brought back for this long; then its bytes go. */
export const undoMs = 30_000
export const maxTags = 20

/** `contain` shows the whole picture with bars, `cover` fills the screen and cuts. */
export const fit = z.enum(['contain', 'cover'])
export const tag = line(40).pipe(z.string().min(1))

const fields = {
  title: line(200).pipe(z.string().min(1)),
  description: line(2000),
  tags: z
    .array(tag)
    .max(maxTags)
    .transform((tags) => [...new Set(tags)]),
  enabled: z.boolean(),
  /** First instant at which it may be shown; null is always. The panel enters it in the tenant's time zone. */
  validFrom: instant.nullable(),
  /** First instant at which it is no longer shown; null is for ever. */
  validUntil: instant.nullable(),
  /** How long a picture stays; null takes the tenant's default. Films run their own length. */
  durationMs: z.int().min(minDurationMs).max(maxDurationMs).nullable(),
  fit,
  /** Loudness of a film, 0 to 100. */
  volume: z.int().min(0).max(100),
}

/** What a new ad may say; what is left out gets its default (title: the file's name without extension). */
export const adDraft = z.object(fields).partial().strict()
export type AdDraft = z.infer<typeof adDraft>

export const ad = z.object({
  ...fields,
  id,
  asset,
  /** `live`: enabled and valid now. `off`: not enabled. `waiting`: valid later. `over`: valid no more. */
  state: z.enum(adStates),
  createdAt: instant,
  updatedAt: instant,
})
export type Ad = z.infer<typeof ad>
export { type AdState, stateAt } from './playback.ts'

export const createAd = adDraft.extend({ assetId: id })
export const updateAd = adDraft.extend({ id })
export const listAds = pageInput.extend({
  search: line(200).optional(),
  tag: tag.optional(),
  state: z.enum(adStates).optional(),
  kind: z.enum(['film', 'picture']).optional(),
})
export const adPage = pageOf(ad)

/** Puts the ad right after another one; `after: null` makes it the first. */
export const moveAd = z.object({ id, after: id.nullable() })

const manyIds = z.array(id).min(1).max(500)
export const setManyEnabled = z.object({ ids: manyIds, enabled: z.boolean() })
export const tagMany = z.object({
  ids: manyIds,
  add: z.array(tag).max(maxTags).default([]),
  remove: z.array(tag).max(maxTags).default([]),
})
export const removeMany = z.object({ ids: manyIds })
export const restoreMany = z.object({ ids: manyIds })
/** The changed ad, and the revision that screens will converge on. */
export const changedAd = z.object({ ad, revision: z.int() })
export const changedMany = z.object({ ads: z.array(ad), revision: z.int() })
/** Deleted ads that can be restored until `undoUntil`. */
export const removed = z.object({ ids: z.array(id), undoUntil: instant, revision: z.int() })
export const tagList = z.object({ tags: z.array(z.object({ tag: z.string(), count: z.int() })) })
