import { asc, eq } from 'drizzle-orm'
import type { Allowed } from '../../access.ts'
import type { Read, Tx } from '../../db/db.ts'
import type { TenantRow } from '../../db/rows.ts'
import { notFound } from '../../errors.ts'

export async function findTenant(read: Read, id: string): Promise<TenantRow | null> {
  const { tenants } = read.tables
  const [row] = await read.select().from(tenants).where(eq(tenants.id, id))
  return row ?? null
}

export async function getTenantRow(read: Read, id: string): Promise<TenantRow> {
  const row = await findTenant(read, id)
  if (!row) throw notFound('tenant', id)
  return row
}

export function listTenantRows(read: Read): Promise<TenantRow[]> {
  const { tenants } = read.tables
  return read.select().from(tenants).orderBy(asc(tenants.id))
}

export async function addTenant(
  tx: Tx,
  row: Pick<TenantRow, 'id' | 'name' | 'timeZone' | 'createdAt'> & Partial<TenantRow>,
): Promise<TenantRow> {
  const [added] = await tx.insert(tx.tables.tenants).values(row).returning()
  if (!added) throw notFound('tenant', row.id)
  return added
}

export type TenantChange = Partial<Pick<TenantRow, 'name' | 'timeZone' | 'pictureDurationMs'>>

export async function updateTenantRow(
  tx: Tx,
  { id }: Allowed<{ tenantId: string; id: string }>,
  change: TenantChange,
): Promise<TenantRow> {
  const { tenants } = tx.tables
  const [row] = await tx.update(tenants).set(change).where(eq(tenants.id, id)).returning()
  if (!row) throw notFound('tenant', id)
  return row
}
