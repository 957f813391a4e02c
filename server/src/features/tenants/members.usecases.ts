import {
  invitationLifetimeMs,
  type createInvitation as inviteInput,
  type Member,
  type removeMember as removeInput,
  type setRole as roleInput,
} from '@marquee/shared/tenants.ts'
import type { z } from 'zod'
import { type Actor, type Allowed, allow, ensureCan } from '../../access.ts'
import type { Tx } from '../../db/db.ts'
import type { Row } from '../../db/rows.ts'
import type { Deps } from '../../deps.ts'
import { AppError, notFound } from '../../errors.ts'
import { newId } from '../../lib/id.ts'
import { hashToken, newToken } from '../../lib/secret.ts'
import { shareableUrl } from '../../lib/shareable.ts'
import { accessChanged } from '../accounts/credentials.usecases.ts'
import { recordActivity } from '../activity/activity.usecases.ts'
import { announce } from '../live/announce.usecases.ts'
import {
  addInvitation,
  deleteInvitation,
  deleteMember,
  findInvitationById,
  findMembers,
  findOpenInvitations,
  lockOwners,
  type MemberRow,
  setMemberRole,
} from './members.queries.ts'

export async function listMembers(deps: Deps, actor: Actor): Promise<{ items: Member[] }> {
  return { items: (await findMembers(deps.db.read, actor.tenantId)).map(toMember) }
}

export async function setRole(deps: Deps, actor: Actor, { userId, role }: z.output<typeof roleInput>): Promise<Member> {
  const member = await deps.db.write(async (tx) => {
    const row = await getAllowedMember(tx, actor, userId)
    if (row.role === role) return row
    if (row.role === 'owner') await ensureAnotherOwner(tx, row)
    await setMemberRole(tx, row, role)
    await recordActivity(deps, actor, { tx, action: 'member.role', subject: subjectOf(row), detail: { role } })
    await announceMember(deps, tx, row)
    return { ...row, role }
  })
  await accessChanged(deps)
  return toMember(member)
}

export async function removeMember(
  deps: Deps,
  actor: Actor,
  { userId }: z.output<typeof removeInput>,
): Promise<{ userId: string }> {
  await deps.db.write(async (tx) => {
    const row = await getAllowedMember(tx, actor, userId)
    if (row.role === 'owner') await ensureAnotherOwner(tx, row)
    await deleteMember(tx, row)
    await recordActivity(deps, actor, { tx, action: 'member.remove', subject: subjectOf(row) })
    await announceMember(deps, tx, row)
  })
  await accessChanged(deps)
  return { userId }
}

export async function listInvitations(deps: Deps, actor: Actor) {
  const rows = await findOpenInvitations(deps.db.read, actor.tenantId, deps.clock.now())
  return { items: rows.map(toInvitation) }
}

export async function createInvitation(deps: Deps, actor: Actor, { email, role }: z.output<typeof inviteInput>) {
  ensureCan(actor, 'members:write')
  const token = newToken()
  const now = deps.clock.now()
  const row: Row<'invitations'> = {
    id: newId(),
    tenantId: actor.tenantId,
    email: email?.toLowerCase() ?? null,
    role,
    tokenHash: hashToken(token),
    createdBy: actor.name,
    expiresAt: new Date(now.getTime() + invitationLifetimeMs),
    usedAt: null,
    createdAt: now,
  }
  await deps.db.write(async (tx) => {
    await addInvitation(tx, row)
    await recordActivity(deps, actor, {
      tx,
      action: 'invitation.create',
      subject: invitationSubject(row),
      detail: { role },
    })
    await announce(deps, { tx, tenantId: actor.tenantId, kind: 'members.changed', forScreens: false })
  })
  return { invitation: toInvitation(row), url: `${shareableUrl(deps)}/invite/${token}` }
}

export async function revokeInvitation(deps: Deps, actor: Actor, { id }: { id: string }): Promise<{ id: string }> {
  await deps.db.write(async (tx) => {
    const row = await findInvitationById(tx, id)
    if (!row || row.usedAt) throw notFound('invitation', id)
    const invitation = allowInvitation(actor, row)
    await deleteInvitation(tx, invitation)
    await recordActivity(deps, actor, { tx, action: 'invitation.revoke', subject: invitationSubject(row) })
    await announce(deps, { tx, tenantId: actor.tenantId, kind: 'members.changed', forScreens: false })
  })
  return { id }
}

async function getAllowedMember(tx: Tx, actor: Actor, userId: string): Promise<Allowed<MemberRow>> {
  const [row] = await findMembers(tx, actor.tenantId, userId)
  if (!row) throw notFound('member', userId)
  return allow(actor, 'members:write', row)
}

/** Another tenant's invitation is told apart by nothing from one that is not there. */
function allowInvitation(actor: Actor, row: Row<'invitations'>): Allowed<Row<'invitations'>> {
  if (row.tenantId !== actor.tenantId) throw notFound('invitation', row.id)
  return allow(actor, 'members:write', row)
}

async function ensureAnotherOwner(tx: Tx, { tenantId, userId }: MemberRow): Promise<void> {
  const owners = await lockOwners(tx, tenantId)
  if (owners.some((owner) => owner !== userId)) return
  throw new AppError('conflict', 'This is the last owner. Make somebody else an owner first', { reason: 'last-owner' })
}

async function announceMember(deps: Deps, tx: Tx, { tenantId, userId }: MemberRow): Promise<void> {
  await announce(deps, { tx, tenantId, kind: 'members.changed', subjectId: userId, forScreens: false })
  await announce(deps, { tx, tenantId, kind: 'access.changed', subjectId: userId, forScreens: false })
}

function subjectOf({ userId, name }: MemberRow) {
  return { kind: 'member' as const, id: userId, name }
}

function invitationSubject({ id, email }: Row<'invitations'>) {
  return { kind: 'invitation' as const, id, name: email ?? 'anyone with the link' }
}

function toMember({ userId, name, email, role, createdAt, lastSeenAt }: MemberRow): Member {
  return {
    userId,
    name,
    email,
    role,
    createdAt: createdAt.toISOString(),
    lastSeenAt: lastSeenAt?.toISOString() ?? null,
  }
}

function toInvitation({ id, email, role, expiresAt, createdBy, createdAt }: Row<'invitations'>) {
  return { id, email, role, expiresAt: expiresAt.toISOString(), createdBy, createdAt: createdAt.toISOString() }
}
