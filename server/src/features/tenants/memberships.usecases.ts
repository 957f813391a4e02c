import type { Role } from '@marquee/shared/tenants.ts'
import type { Actor } from '../../access.ts'
import type { Read, Tx } from '../../db/db.ts'
import type { Row, TenantRow } from '../../db/rows.ts'
import type { Deps } from '../../deps.ts'
import { AppError, notFound } from '../../errors.ts'
import { hashToken } from '../../lib/secret.ts'
import { recordActivity } from '../activity/activity.usecases.ts'
import { announce } from '../live/announce.usecases.ts'
import { addMember, findInvitationByHash, findMemberships, type Membership, useInvitation } from './members.queries.ts'

export type { Membership } from './members.queries.ts'
export type Offer = { readonly invitation: Row<'invitations'>; readonly tenant: TenantRow }

/** The tenants that a person belongs to, the first joined first. */
export function listMemberships(read: Read, userId: string): Promise<Membership[]> {
  return findMemberships(read, userId)
}

/** Makes a person a member of the actor's tenant; refuses one who is. */
export async function joinTenant(
  deps: Deps,
  actor: Actor,
  { tx, userId, name, role }: { tx: Tx; userId: string; name: string; role: Role },
): Promise<void> {
  const { tenantId } = actor
  if ((await findMemberships(tx, userId)).some(({ tenant }) => tenant.id === tenantId)) {
    throw new AppError('conflict', `"${name}" is a member of this tenant already`, { reason: 'already-member' })
  }
  await addMember(tx, { tenantId, userId, role, createdAt: deps.clock.now() })
  await recordActivity(deps, actor, {
    tx,
    action: 'member.join',
    subject: { kind: 'member', id: userId, name },
    detail: { role },
  })
  await announce(deps, { tx, tenantId, kind: 'members.changed', subjectId: userId, forScreens: false })
}

/** The invitation behind a token, if it can be used now; else `not-found`, `gone` or `link-expired`. */
export async function getOffer(deps: Deps, read: Read, token: string): Promise<Offer> {
  const offer = await findInvitationByHash(read, hashToken(token))
  if (!offer) throw notFound('invitation', '…')
  if (offer.invitation.usedAt)
    throw new AppError('gone', 'This invitation was used. Ask for a new one', { reason: 'invitation-used' })
  if (offer.invitation.expiresAt <= deps.clock.now()) {
    throw new AppError('link-expired', 'This invitation is over. Ask for a new one', { reason: 'invitation' })
  }
  return offer
}

/** Uses an invitation up for a person, who is then a member. `actor` is that person in the new tenant. */
export async function redeemOffer(
  deps: Deps,
  actor: Actor,
  { tx, offer, userId }: { tx: Tx; offer: Offer; userId: string },
): Promise<void> {
  await joinTenant(deps, actor, { tx, userId, name: actor.name, role: offer.invitation.role })
  if (await useInvitation(tx, offer.invitation.id, deps.clock.now())) return
  throw new AppError('gone', 'This invitation was used. Ask for a new one', { reason: 'invitation-used' })
}
