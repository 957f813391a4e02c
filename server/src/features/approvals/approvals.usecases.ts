import type { Approval, ApprovalState, decideApproval as decideInput } from '@marquee/shared/approvals.ts'
import type { z } from 'zod'
import { type Actor, allow } from '../../access.ts'
import type { Deps } from '../../deps.ts'
import { AppError, notFound } from '../../errors.ts'
import { recordActivity } from '../activity/activity.usecases.ts'
import { announce } from '../live/announce.usecases.ts'
import { type ApprovalRow, findApproval, findApprovals, setDecided } from './approvals.queries.ts'
import { describeSubjects } from './approvals.subjects.usecases.ts'

const shownForMs = 24 * 60 * 60 * 1000

/** Those of the last day, the newest first. */
export async function listApprovals(deps: Deps, actor: Actor): Promise<{ items: Approval[] }> {
  const since = new Date(deps.clock.now().getTime() - shownForMs)
  const rows = await findApprovals(deps.db.read, actor.tenantId, since)
  return { items: await Promise.all(rows.map((row) => toApproval(deps, row))) }
}

/** One that a key asked for, for that key, or any of the tenant's for a manager. */
export async function getApproval(deps: Deps, actor: Actor, { id }: { id: string }): Promise<Approval> {
  const row = await findApproval(deps.db.read, id)
  const mayKnow = row?.tenantId === actor.tenantId && (actor.kind !== 'key' || row.keyId === actor.keyId)
  if (!row || !mayKnow) throw notFound('approval', id)
  return toApproval(deps, row)
}

/** A manager's word. The first one counts. */
export async function decideApproval(
  deps: Deps,
  actor: Actor,
  { id, grant }: z.output<typeof decideInput>,
): Promise<Approval> {
  const state = grant ? 'granted' : 'denied'
  await deps.db.write(async (tx) => {
    const row = await findApproval(tx, id)
    if (!row) throw notFound('approval', id)
    const mine = allow(actor, 'approvals:decide', row)
    if (stateOf(deps, row) === 'expired')
      throw new AppError('conflict', 'This came too late: the request is over. The agent can ask again', {
        reason: 'approval-expired',
      })
    if (!(await setDecided(tx, mine, { state, decidedBy: actor.name, decidedAt: deps.clock.now() })))
      throw new AppError('conflict', 'Somebody else decided this already', { reason: 'approval-decided' })
    await recordActivity(deps, actor, {
      tx,
      action: grant ? 'approval.grant' : 'approval.deny',
      subject: { kind: 'approval', id, name: row.procedure },
      detail: { key: row.keyName, arguments: row.arguments },
    })
    await announce(deps, { tx, tenantId: row.tenantId, kind: 'approvals.changed', subjectId: id, forScreens: false })
  })
  return getApproval(deps, actor, { id })
}

function stateOf(deps: Deps, row: ApprovalRow): ApprovalState {
  const isOpen = row.state === 'waiting' || row.state === 'granted'
  return isOpen && row.expiresAt <= deps.clock.now() ? 'expired' : row.state
}

async function toApproval(deps: Deps, row: ApprovalRow): Promise<Approval> {
  return {
    id: row.id,
    procedure: row.procedure,
    key: { id: row.keyId, name: row.keyName },
    arguments: row.arguments,
    subjects: await describeSubjects(deps, row),
    state: stateOf(deps, row),
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    decidedBy: row.decidedBy,
    decidedAt: row.decidedAt?.toISOString() ?? null,
  }
}
