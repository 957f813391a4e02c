import { and, desc, eq, gt, lt } from 'drizzle-orm'
import type { Allowed } from '../../access.ts'
import type { Read, Tx } from '../../db/db.ts'
import type { Row } from '../../db/rows.ts'

export type ApprovalRow = Row<'approvals'>

export async function addApproval(tx: Tx, row: ApprovalRow): Promise<void> {
  await tx.insert(tx.tables.approvals).values(row)
}

export async function findApproval(read: Read, id: string): Promise<ApprovalRow | null> {
  const { approvals } = read.tables
  const [row] = await read.select().from(approvals).where(eq(approvals.id, id))
  return row ?? null
}

/** The key's request for exactly this call that still waits, so that asking again makes no second one. */
export async function findWaiting(
  read: Read,
  call: { keyId: string; tenantId: string; callHash: string; now: Date },
): Promise<ApprovalRow | null> {
  const { approvals } = read.tables
  const [row] = await read
    .select()
    .from(approvals)
    .where(
      and(
        eq(approvals.tenantId, call.tenantId),
        eq(approvals.keyId, call.keyId),
        eq(approvals.callHash, call.callHash),
        eq(approvals.state, 'waiting'),
        gt(approvals.expiresAt, call.now),
      ),
    )
    .limit(1)
  return row ?? null
}

/** Those that wait in a tenant, of one key. */
export async function countWaiting(read: Read, call: { keyId: string; tenantId: string; now: Date }): Promise<number> {
  const { approvals } = read.tables
  return read.$count(
    approvals,
    and(
      eq(approvals.tenantId, call.tenantId),
      eq(approvals.keyId, call.keyId),
      eq(approvals.state, 'waiting'),
      gt(approvals.expiresAt, call.now),
    ),
  )
}

export function findApprovals(read: Read, tenantId: string, since: Date): Promise<ApprovalRow[]> {
  const { approvals } = read.tables
  return read
    .select()
    .from(approvals)
    .where(and(eq(approvals.tenantId, tenantId), gt(approvals.createdAt, since)))
    .orderBy(desc(approvals.id))
    .limit(100)
}

/** False if somebody else decided first. */
export async function setDecided(
  tx: Tx,
  { id }: Allowed<ApprovalRow>,
  decided: { state: 'granted' | 'denied'; decidedBy: string; decidedAt: Date },
): Promise<boolean> {
  const { approvals } = tx.tables
  const changed = await tx
    .update(approvals)
    .set(decided)
    .where(and(eq(approvals.id, id), eq(approvals.state, 'waiting')))
    .returning({ id: approvals.id })
  return changed.length > 0
}

/** False if it was used meanwhile: it opens one call only. */
export async function setUsed(tx: Tx, id: string): Promise<boolean> {
  const { approvals } = tx.tables
  const changed = await tx
    .update(approvals)
    .set({ state: 'used' })
    .where(and(eq(approvals.id, id), eq(approvals.state, 'granted')))
    .returning({ id: approvals.id })
  return changed.length > 0
}

export async function removeOldApprovals(tx: Tx, before: Date): Promise<void> {
  const { approvals } = tx.tables
  await tx.delete(approvals).where(lt(approvals.expiresAt, before))
}
