import type { Role } from '@marquee/shared/tenants.ts'
import { and, asc, desc, eq, gt, isNull, max } from 'drizzle-orm'
import type { Allowed } from '../../access.ts'
import type { Read, Tx } from '../../db/db.ts'
import type { Row, TenantRow } from '../../db/rows.ts'

export type MemberRow = Row<'members'> & {
  readonly name: string
  readonly email: string
  readonly lastSeenAt: Date | null
}
export type Membership = { readonly tenant: TenantRow; readonly role: Role }

export function findMembers(read: Read, tenantId: string, userId?: string): Promise<MemberRow[]> {
  const { members, users, sessions } = read.tables
  return read
    .select({
      tenantId: members.tenantId,
      userId: members.userId,
      role: members.role,
      createdAt: members.createdAt,
      name: users.name,
      email: users.email,
      lastSeenAt: max(sessions.updatedAt),
    })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .leftJoin(sessions, eq(sessions.userId, members.userId))
    .where(and(eq(members.tenantId, tenantId), userId === undefined ? undefined : eq(members.userId, userId)))
    .groupBy(members.tenantId, members.userId, members.role, members.createdAt, users.name, users.email)
    .orderBy(asc(members.createdAt), asc(members.userId))
}

/** The tenants of a person, the first that they joined first. */
export function findMemberships(read: Read, userId: string): Promise<Membership[]> {
  const { members, tenants } = read.tables
  return read
    .select({ tenant: tenants, role: members.role })
    .from(members)
    .innerJoin(tenants, eq(tenants.id, members.tenantId))
    .where(eq(members.userId, userId))
    .orderBy(asc(members.createdAt), asc(tenants.id))
}

/** The owners of a tenant, held until the transaction ends, so that two of them cannot leave at once. */
export async function lockOwners(tx: Tx, tenantId: string): Promise<string[]> {
  const { members } = tx.tables
  const rows = await tx
    .update(members)
    .set({ role: 'owner' })
    .where(and(eq(members.tenantId, tenantId), eq(members.role, 'owner')))
    .returning({ userId: members.userId })
  return rows.map((row) => row.userId)
}

export async function addMember(tx: Tx, row: Row<'members'>): Promise<void> {
  await tx.insert(tx.tables.members).values(row)
}

export async function setMemberRole(tx: Tx, member: Allowed<MemberRow>, role: Role): Promise<void> {
  const { members } = tx.tables
  await tx
    .update(members)
    .set({ role })
    .where(and(eq(members.tenantId, member.tenantId), eq(members.userId, member.userId)))
}

export async function deleteMember(tx: Tx, member: Allowed<MemberRow>): Promise<void> {
  const { members } = tx.tables
  await tx.delete(members).where(and(eq(members.tenantId, member.tenantId), eq(members.userId, member.userId)))
}

export async function addInvitation(tx: Tx, row: Row<'invitations'>): Promise<void> {
  await tx.insert(tx.tables.invitations).values(row)
}

/** Those that can still be used, the newest first. */
export function findOpenInvitations(read: Read, tenantId: string, now: Date): Promise<Row<'invitations'>[]> {
  const { invitations } = read.tables
  return read
    .select()
    .from(invitations)
    .where(and(eq(invitations.tenantId, tenantId), isNull(invitations.usedAt), gt(invitations.expiresAt, now)))
    .orderBy(desc(invitations.id))
}

export async function findInvitationById(read: Read, id: string): Promise<Row<'invitations'> | null> {
  const { invitations } = read.tables
  const [row] = await read.select().from(invitations).where(eq(invitations.id, id))
  return row ?? null
}

export async function findInvitationByHash(
  read: Read,
  tokenHash: string,
): Promise<{ invitation: Row<'invitations'>; tenant: TenantRow } | null> {
  const { invitations, tenants } = read.tables
  const [row] = await read
    .select({ invitation: invitations, tenant: tenants })
    .from(invitations)
    .innerJoin(tenants, eq(tenants.id, invitations.tenantId))
    .where(eq(invitations.tokenHash, tokenHash))
  return row ?? null
}

/** False if somebody else used it first. */
export async function useInvitation(tx: Tx, id: string, now: Date): Promise<boolean> {
  const { invitations } = tx.tables
  const used = await tx
    .update(invitations)
    .set({ usedAt: now })
    .where(and(eq(invitations.id, id), isNull(invitations.usedAt)))
    .returning({ id: invitations.id })
  return used.length > 0
}

export async function deleteInvitation(tx: Tx, { id }: Allowed<Row<'invitations'>>): Promise<void> {
  const { invitations } = tx.tables
  await tx.delete(invitations).where(eq(invitations.id, id))
}
