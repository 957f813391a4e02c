import type * as inputs from '@marquee/shared/agents.ts'
import type { Approval, ApprovalState } from '@marquee/shared/approvals.ts'
import type { z } from 'zod'
import type { Actor } from '../../access.ts'
import type { Deps } from '../../deps.ts'
import { makeBell } from '../../lib/bell.ts'
import { getApproval } from '../approvals/approvals.usecases.ts'

type Input = z.output<typeof inputs.getApproval> & { readonly signal?: AbortSignal | undefined }

const meanings: Record<ApprovalState, string> = {
  waiting: 'No manager has decided yet. Ask again, with wait_seconds',
  granted: 'A manager granted it. Make exactly the same call again with this approval; it works once',
  denied: 'A manager denied it. Do not ask for it again unless a person tells you to',
  used: 'It was granted and used. Another call needs another approval',
  expired: 'It is over. Make the call without it to ask for a new one',
}

/** How a request of the caller stands; waits for the decision if there is none. Woken by events, so waiting costs nothing. */
export async function awaitApproval(deps: Deps, actor: Actor, { approval_id, wait_seconds, signal }: Input) {
  const bell = makeBell(signal, deps.events.closed, AbortSignal.timeout(wait_seconds * 1000))
  // Joined before it is read, so that no decision falls between.
  const leave = deps.events.listen(({ kind, subjectId, tenantId }) => {
    if (kind === 'approvals.changed' && subjectId === approval_id && tenantId === actor.tenantId) bell.ring()
  })
  try {
    for (;;) {
      const approval = await getApproval(deps, actor, { id: approval_id })
      if (approval.state !== 'waiting' || wait_seconds === 0 || bell.isOver()) return toAnswer(approval)
      await bell.next()
    }
  } finally {
    leave()
    bell.stop()
  }
}

function toAnswer(approval: Approval) {
  return {
    type: 'approval_response',
    approval_id: approval.id,
    state: approval.state,
    arguments: approval.arguments,
    subjects: approval.subjects.map(({ kind, id, name }) => ({ kind, id, name })),
    expires_at: approval.expiresAt,
    decided_by: approval.decidedBy,
    message: meanings[approval.state],
  } as const
}
