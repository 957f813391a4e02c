import { eq, sql } from 'drizzle-orm'
import type { Read, Tx } from '../../db/db.ts'
import { notFound } from '../../errors.ts'

/** Raises the tenant's revision by one and gives the new one. */
export async function raiseRevision(tx: Tx, tenantId: string): Promise<number> {
  const { tenants } = tx.tables
  const [row] = await tx
    .update(tenants)
    .set({ revision: sql`${tenants.revision} + 1` })
    .where(eq(tenants.id, tenantId))
    .returning({ revision: tenants.revision })
  if (!row) throw notFound('tenant', tenantId)
  return row.revision
}

export async function getRevision(read: Read, tenantId: string): Promise<number> {
  const { tenants } = read.tables
  const [row] = await read.select({ revision: tenants.revision }).from(tenants).where(eq(tenants.id, tenantId))
  if (!row) throw notFound('tenant', tenantId)
  return row.revision
}
