import { z } from 'zod'
import { id, instant } from './wire.ts'

/** An approval that nobody decided, or that was granted and not used, is over after this long. */
export const approvalLifetimeMs = 10 * 60 * 1000

/** The header in which a client other than MCP names its approval. */
export const approvalHeader = 'x-marquee-approval'

/** `granted`: the agent may now make exactly this call, once. `used`: it did. `expired`: nobody decided, or it came too late. */
export const approvalStates = ['waiting', 'granted', 'denied', 'used', 'expired'] as const
export const approvalState = z.enum(approvalStates)
export type ApprovalState = z.infer<typeof approvalState>

/** What would go; `name` and the picture are of now, or null where it is gone already. */
export const approvalSubject = z.object({
  kind: z.enum(['ad', 'screen']),
  id,
  name: z.string().nullable(),
  posterUrl: z.url().nullable(),
})

/** A call of an agent that waits, or waited, for a manager. */
export const approval = z.object({
  id,
  /** The procedure, e.g. `ads.remove`. */
  procedure: z.string(),
  key: z.object({ id, name: z.string() }),
  /** What it was called with, exactly. */
  arguments: z.record(z.string(), z.unknown()),
  subjects: z.array(approvalSubject),
  state: approvalState,
  createdAt: instant,
  expiresAt: instant,
  decidedBy: z.string().nullable(),
  decidedAt: instant.nullable(),
})
export type Approval = z.infer<typeof approval>
/** Newest first: those that wait, and the last day's. */
export const approvalList = z.object({ items: z.array(approval) })
export const decideApproval = z.object({ id, grant: z.boolean() })
