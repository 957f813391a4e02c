import { z } from 'zod'

/**
 * What the panel hears: only that something changed and where, never the thing itself, so a lost event costs nothing.
 * `screen.reported`: a screen said which revision it plays, or went on- or offline.
 */
export const changeKinds = [
  'ads.changed', 'screens.changed', 'screen.reported', 'uploads.changed', 'members.changed', 'keys.changed', 'tenant.changed',
  /** Somebody's access ended; open subscriptions of that credential stop. */
  'access.changed',
] as const
export const changeKind = z.enum(changeKinds)
export type ChangeKind = z.infer<typeof changeKind>
export const change = z.object({ kind: changeKind, subjectId: z.string().nullable(), revision: z.int().nullable() })
export type Change = z.infer<typeof change>

/** What a screen hears. `revision`: a newer manifest is there. `revoked`: forget the token and show a code. */
export const screenNotice = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('revision'), revision: z.int() }),
  z.object({ kind: z.literal('revoked') }),
])
export type ScreenNotice = z.infer<typeof screenNotice>
/** The id of the last event that a client saw; tRPC sends it again when it reconnects. */
export const resumeInput = z.object({ lastEventId: z.string().max(40).nullish() })
