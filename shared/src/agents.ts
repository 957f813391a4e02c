import { z } from 'zod'
import { fit, maxDurationMs, maxTags, minDurationMs, tag } from './ads.ts'
import { maxBytes, mediaTypes } from './media.ts'
import { adStates } from './playback.ts'
import { id, instant, line, sha256 } from './wire.ts'

/**
 * What agents say and hear: the tools of MCP. Fields are snake_case, and those that the first advertisement server had
 * keep its names. Texts are for a reader that knows nothing else of Marquee.
 */

/** Signed addresses in one answer. */
export const maxSignedParts = 20
/** How long one call of `get_approval` waits at most. */
export const maxWaitSeconds = 25

const adId = id.describe('The id of an advertisement, as in "id" of other answers')
const screenId = id.describe('The id of a screen, from list_screens')
const uploadId = id.describe('The id of the upload, from create_upload')
const dryRun = z
  .boolean()
  .default(false)
  .describe('true: check everything and answer what would happen, but change nothing')
const page = {
  cursor: z.string().max(400).nullish().describe('"next_cursor" of the page before; leave out for the first page'),
  limit: z.int().min(1).max(100).default(50).describe('How many at most in one answer'),
}

const draft = {
  title: line(200).pipe(z.string().min(1)).describe('Its title, as managers see it'),
  description: line(2000).describe('What it shows, in words'),
  tags: z
    .array(tag)
    .max(maxTags)
    .transform((tags) => [...new Set(tags)])
    .describe('All its tags; they replace those that it has'),
  enabled: z.boolean().describe('false takes it off all screens without deleting it'),
  valid_from: instant.nullable().describe('Shown from this instant on, e.g. "2026-12-01T08:00:00.000Z"; null: always'),
  valid_until: instant.nullable().describe('No longer shown from this instant on; null: for ever'),
  duration_ms: z
    .int()
    .min(minDurationMs)
    .max(maxDurationMs)
    .nullable()
    .describe('How long a picture stays, in milliseconds; null: the usual time. Films run their own length'),
  fit: fit.describe('"contain" shows all of it with bars, "cover" fills the screen and cuts'),
  volume: z.int().min(0).max(100).describe('Loudness of a film, 0 to 100'),
}
const optionalDraft = z.object(draft).partial().shape
const onScreen = screenId
  .optional()
  .describe('The id of a screen, from list_screens: answers for that screen. Leave out for your own place in the loop')

/** What can be uploaded, by the endings of files. */
export const supportedFormats = Object.values(mediaTypes).map((type) => type.extension)
const largestMb = maxBytes.ads.film / 1024 / 1024

export const getPlaylist = z.strictObject({
  shuffle: z.boolean().default(false).describe('true: in a random order, which stays the same from page to page'),
  screen_id: onScreen,
  ...page,
})
export const getNext = z.strictObject({
  advance: z
    .boolean()
    .default(true)
    .describe(
      'true: go on to it, so that the next call gives the one behind it. false: only look. A screen goes on by itself',
    ),
  screen_id: onScreen,
})
export const getCurrent = z.strictObject({ screen_id: onScreen })
export const refresh = z.strictObject({ limit: page.limit })
export const getStats = z.strictObject({})
export const getManagementInfo = z.strictObject({
  include_file_details: z.boolean().default(true).describe('true: with the advertisements, page by page'),
  ...page,
})
export const deleteAdvertisement = z.strictObject({
  id: adId.optional(),
  filename: z
    .string()
    .max(4096)
    .optional()
    .describe('The name of its file, instead of "id". Refused where several have it'),
  dry_run: dryRun,
})
export const searchAdvertisements = z.strictObject({
  query: line(200).optional().describe('Words of title, description, tags or file name; leave out for all'),
  tag: tag.optional().describe('Only those with this tag'),
  state: z
    .enum(adStates)
    .optional()
    .describe('live: in the loop now. off: disabled. waiting: valid later. over: no more'),
  kind: z.enum(['film', 'picture']).optional().describe('Only films, or only pictures'),
  ...page,
})
export const updateAdvertisement = z.strictObject({ id: adId, ...optionalDraft, dry_run: dryRun })
export const createUpload = z.strictObject({
  filename: z
    .string()
    .min(1)
    .max(4096)
    .describe(`The name of the file, e.g. "summer.mp4" (${supportedFormats.join(', ')})`),
  size_bytes: z.int().min(1).describe(`The exact size of the file in bytes, at most ${largestMb} MB`),
  sha256: sha256.optional().describe('If given, the upload fails unless the bytes have it'),
  dry_run: dryRun,
})
export const continueUpload = z.strictObject({
  upload_id: uploadId,
  parts: z
    .array(z.int().min(1).max(10_000))
    .min(1)
    .max(maxSignedParts)
    .optional()
    .describe('Numbers of the parts to get addresses for; leave out for the first ones that are missing'),
})
export const completeUpload = z.strictObject({ upload_id: uploadId, ...optionalDraft, dry_run: dryRun })
export const cancelUpload = z.strictObject({ upload_id: uploadId, dry_run: dryRun })
export const listScreens = z.strictObject(page)
export const playAdvertisement = z.strictObject({ screen_id: screenId, id: adId, dry_run: dryRun })
export const getApproval = z.strictObject({
  approval_id: id.describe('"approvalId" of the error "approval-needed"'),
  wait_seconds: z
    .int()
    .min(0)
    .max(maxWaitSeconds)
    .default(0)
    .describe('Wait so long for the decision of a manager, if there is none yet'),
})
