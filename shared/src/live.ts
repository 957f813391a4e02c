import { z } from 'zod'

/**
 * What the panel hears: only that something changed and where, never the thing itself, so a lost event costs nothing.
 * `screen.reported`: a screen said which revision it plays, or went on- or offline.
 */
export const changeKinds = [
  'ads.changed',
  'screens.changed',
  'screen.reported',
  'uploads.changed',
  'members.changed',
  'keys.changed',
  'approvals.changed',
  'tenant.changed',
  /** Somebody's access ended; open subscriptions of that credential stop. */
  'access.changed',
] as const
export const changeKind = z.enum(changeKinds)
export type ChangeKind = z.infer<typeof changeKind>
/**
 * One message of `live.changes`. `reset` means: read everything anew.
 *
 * - A fresh subscription (without `lastEventId`) always begins with `reset`, which says "from here on you hear
 *   everything". So what a page read before it must be read again; a page that first reads after it reads once.
 * - A subscription that resumes goes on behind its last id, with nothing lost and no `reset` in front, unless the server
 *   no longer has what was missed.
 * - `subjectId` is null where several things changed at once. `revision` is set where screens will show something else.
 * - When the access ends, or the person looks at another tenant, it ends with `not-signed-in` or `not-allowed`.
 */
export const change = z.object({
  kind: z.enum([...changeKinds, 'reset']),
  subjectId: z.string().nullable(),
  revision: z.int().nullable(),
})
export type Change = z.infer<typeof change>

/**
 * What a screen hears. `revision`: this is the newest manifest; the first message says it at once, later ones only
 * when it grew, and of several quick changes only the last. `revoked`: forget everything and show a code; it is the
 * last message. A player whose subscription ends with `not-signed-in` was revoked while it was away.
 */
export const screenNotice = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('revision'), revision: z.int() }),
  z.object({ kind: z.literal('revoked') }),
])
export type ScreenNotice = z.infer<typeof screenNotice>
/** The id of the last event that a client saw; tRPC sends it again when it reconnects. */
export const resumeInput = z.object({ lastEventId: z.string().max(40).nullish() })
