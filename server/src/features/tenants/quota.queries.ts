import type { QuotaKind } from '@marquee/shared/tenants.ts'
import { and, count, eq, gt, isNull, ne, or, sql, sum } from 'drizzle-orm'
import type { Read, Tx } from '../../db/db.ts'
import type { TenantRow } from '../../db/rows.ts'

export type QuotaRow = Pick<TenantRow, 'quotaBytes' | 'quotaAds' | 'quotaScreens' | 'quotaKeys'>

/** Lets one change that counts go on at a time in a tenant until its transaction ends. */
export async function holdTenant(tx: Tx, id: string): Promise<void> {
  const { tenants } = tx.tables
  await tx
    .update(tenants)
    .set({ revision: sql`${tenants.revision}` })
    .where(eq(tenants.id, id))
}

export async function findQuota(read: Read, id: string): Promise<QuotaRow | null> {
  const { tenants } = read.tables
  const { quotaBytes, quotaAds, quotaScreens, quotaKeys } = tenants
  const [row] = await read
    .select({ quotaBytes, quotaAds, quotaScreens, quotaKeys })
    .from(tenants)
    .where(eq(tenants.id, id))
  return row ?? null
}

export async function saveQuota(tx: Tx, id: string, quota: Partial<QuotaRow>): Promise<void> {
  const { tenants } = tx.tables
  await tx.update(tenants).set(quota).where(eq(tenants.id, id))
}

type Count = (read: Read, tenantId: string, now: Date) => Promise<number>

/** How much of each a tenant has now. Uploads on their way count with the bytes that they announced. */
export const countUsed: Record<QuotaKind, Count> = {
  async bytes(read, tenantId) {
    const { assets, uploads } = read.tables
    const [stored] = await read
      .select({ bytes: sum(assets.size) })
      .from(assets)
      .where(eq(assets.tenantId, tenantId))
    const [coming] = await read
      .select({ bytes: sum(uploads.size) })
      .from(uploads)
      .where(and(eq(uploads.tenantId, tenantId), ne(uploads.state, 'done')))
    return Number(stored?.bytes ?? 0) + Number(coming?.bytes ?? 0)
  },
  async ads(read, tenantId) {
    const { ads } = read.tables
    const mine = and(eq(ads.tenantId, tenantId), isNull(ads.removedAt))
    return countOf(await read.select({ count: count() }).from(ads).where(mine))
  },
  async screens(read, tenantId) {
    const { screens } = read.tables
    return countOf(await read.select({ count: count() }).from(screens).where(eq(screens.tenantId, tenantId)))
  },
  async keys(read, tenantId, now) {
    const { apiKeys } = read.tables
    const good = or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, now))
    const mine = and(eq(apiKeys.tenantId, tenantId), isNull(apiKeys.revokedAt), good)
    return countOf(await read.select({ count: count() }).from(apiKeys).where(mine))
  },
}

function countOf(rows: readonly { readonly count: number }[]): number {
  return rows[0]?.count ?? 0
}
