import { z } from 'zod'
import { id, instant, pageInput, pageOf } from './wire.ts'

export const subjects = [
  'ad',
  'upload',
  'screen',
  'member',
  'invitation',
  'key',
  'tenant',
  'account',
  'approval',
  'tool',
] as const
export const actions = [
  'ad.create',
  'ad.update',
  'ad.move',
  'ad.enable',
  'ad.disable',
  'ad.remove',
  'ad.restore',
  'ad.tag',
  'upload.create',
  'upload.complete',
  'upload.cancel',
  'file.remove',
  'screen.pair',
  'screen.update',
  'screen.revoke',
  'screen.play',
  'member.join',
  'member.role',
  'member.remove',
  'invitation.create',
  'invitation.revoke',
  'key.create',
  'key.revoke',
  'approval.ask',
  'approval.grant',
  'approval.deny',
  'approval.use',
  'tool.call',
  'tenant.create',
  'tenant.update',
  'account.sign-in',
  'account.password',
  'account.sign-out-everywhere',
] as const
export const action = z.enum(actions)
export type Action = z.infer<typeof action>

/** One row of who changed what. `actor` is a name as it was then. */
export const activityEntry = z.object({
  id,
  at: instant,
  action,
  actor: z.object({
    kind: z.enum(['person', 'key', 'screen', 'operator', 'system']),
    id: z.string().nullable(),
    name: z.string(),
  }),
  subject: z.object({ kind: z.enum(subjects), id: z.string().nullable(), name: z.string() }),
  /** Names of changed fields with their new values, for the curious. */
  detail: z.record(z.string(), z.unknown()),
})
export type ActivityEntry = z.infer<typeof activityEntry>
export const listActivity = pageInput.extend({
  subject: z.enum(subjects).optional(),
  subjectId: z.string().max(100).optional(),
})
export const activityPage = pageOf(activityEntry)
