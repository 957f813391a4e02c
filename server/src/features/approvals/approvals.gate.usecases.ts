import { approvalLifetimeMs } from '@marquee/shared/approvals.ts'
import type { Actor, KeyActor } from '../../access.ts'
import type { Tx } from '../../db/db.ts'
import type { Deps } from '../../deps.ts'
import { AppError, notFound } from '../../errors.ts'
import { newId } from '../../lib/id.ts'
import { hashToken } from '../../lib/secret.ts'
import type { DestructiveCall, Gate } from '../../trpc.ts'
import { recordActivity } from '../activity/activity.usecases.ts'
import { announce } from '../live/announce.usecases.ts'
import { type ApprovalRow, addApproval, countWaiting, findApproval, findWaiting, setUsed } from './approvals.queries.ts'
import { ensureSubjects } from './approvals.subjects.usecases.ts'

/** A manager looks at so many at most of one key; more are a runaway agent. */
const maxWaiting = 20

/** The gate of one request. `approvalId` is what the caller came back with, if anything. */
export function approvalGate(deps: Deps, approvalId: string | null): Gate {
  return {
    async pass(actor, call) {
      if (actor.kind !== 'key' || actor.purpose !== 'agent') return
      const callHash = hashCall(call)
      if (approvalId === null) throw waitFor(await ask(deps, actor, { call, callHash }))
      await use(deps, actor, { approvalId, call, callHash })
    },
  }
}

/** The same for the same call, whatever the order in which its arguments were written. */
function hashCall({ procedure, input }: DestructiveCall): string {
  return hashToken(`${procedure}\n${JSON.stringify(sorted(input))}`)
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, one]) => one !== undefined)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, one]) => [name, sorted(one)]))
}

type Asked = { readonly call: DestructiveCall; readonly callHash: string }

async function ask(deps: Deps, actor: KeyActor, { call, callHash }: Asked): Promise<ApprovalRow> {
  await ensureSubjects(deps, { tenantId: actor.tenantId, subjects: call.subjects })
  const now = deps.clock.now()
  const mine = { keyId: actor.keyId, tenantId: actor.tenantId, now }
  return deps.db.write(async (tx) => {
    const before = await findWaiting(tx, { ...mine, callHash })
    if (before) return before
    if ((await countWaiting(tx, mine)) >= maxWaiting)
      throw new AppError(
        'quota',
        `${maxWaiting} calls of this key wait for approval already. Wait until some are decided`,
        {
          reason: 'approvals',
          detail: { limit: maxWaiting },
        },
      )
    const row: ApprovalRow = {
      id: newId(),
      tenantId: actor.tenantId,
      keyId: actor.keyId,
      keyName: actor.name,
      procedure: call.procedure,
      callHash,
      arguments: { ...call.input },
      subjects: call.subjects.map((subject) => ({ ...subject })),
      state: 'waiting',
      decidedBy: null,
      decidedAt: null,
      createdAt: now,
      expiresAt: new Date(now.getTime() + approvalLifetimeMs),
    }
    await addApproval(tx, row)
    await record(deps, actor, { tx, action: 'approval.ask', row })
    return row
  })
}

type Used = Asked & { readonly approvalId: string }

async function use(deps: Deps, actor: KeyActor, { approvalId, call, callHash }: Used): Promise<void> {
  await deps.db.write(async (tx) => {
    const row = await findApproval(tx, approvalId)
    if (!row || row.tenantId !== actor.tenantId || row.keyId !== actor.keyId) throw notFound('approval', approvalId)
    if (row.callHash !== callHash)
      throw new AppError(
        'conflict',
        `The approval "${approvalId}" is for another call. It holds for "${row.procedure}" with exactly the arguments it was asked for; call "${call.procedure}" without it to ask for one`,
        { reason: 'approval-other-call' },
      )
    if (row.state === 'used') throw over(row, 'approval-used', 'was used already')
    if (row.state === 'denied') throw over(row, 'approval-denied', 'was denied by a manager')
    if (row.expiresAt <= deps.clock.now()) throw over(row, 'approval-expired', 'is over')
    if (row.state === 'waiting') throw waitFor(row)
    if (!(await setUsed(tx, row.id))) throw over(row, 'approval-used', 'was used already')
    await record(deps, actor, { tx, action: 'approval.use', row })
  })
}

type Step = { readonly tx: Tx; readonly action: 'approval.ask' | 'approval.use'; readonly row: ApprovalRow }

/** Notes a step of an approval and tells the panel, as the last thing in its transaction. */
async function record(deps: Deps, actor: Actor, { tx, action, row }: Step): Promise<void> {
  const { id, tenantId, procedure } = row
  const subject = { kind: 'approval', id, name: procedure } as const
  await recordActivity(deps, actor, { tx, action, subject, detail: { arguments: row.arguments } })
  await announce(deps, { tx, tenantId, kind: 'approvals.changed', subjectId: id, forScreens: false })
}

function waitFor(row: ApprovalRow): AppError {
  const expiresAt = row.expiresAt.toISOString()
  return new AppError(
    'approval-needed',
    `"${row.procedure}" needs a manager's approval, which waits in the panel until ${expiresAt}. When it is granted, make exactly this call again with the approval "${row.id}"`,
    { detail: { approvalId: row.id, expiresAt } },
  )
}

function over(row: ApprovalRow, reason: string, what: string): AppError {
  return new AppError('conflict', `The approval "${row.id}" ${what}. Make the call without it to ask for a new one`, {
    reason,
  })
}
