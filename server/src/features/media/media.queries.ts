import { and, eq, inArray, or } from 'drizzle-orm'
import type { Read, Tx } from '../../db/db.ts'
import type { AssetRow } from '../../db/rows.ts'

export async function findAsset(read: Read, id: string): Promise<AssetRow | null> {
  const { assets } = read.tables
  const [row] = await read.select().from(assets).where(eq(assets.id, id))
  return row ?? null
}

/** The tenant's asset with exactly these bytes in this category. */
export async function findAssetByBytes(
  read: Read,
  { tenantId, category, sha256 }: Pick<AssetRow, 'tenantId' | 'category' | 'sha256'>,
): Promise<AssetRow | null> {
  const { assets } = read.tables
  const [row] = await read
    .select()
    .from(assets)
    .where(and(eq(assets.tenantId, tenantId), eq(assets.category, category), eq(assets.sha256, sha256)))
  return row ?? null
}

export async function addAsset(tx: Tx, row: AssetRow): Promise<void> {
  await tx.insert(tx.tables.assets).values(row)
}

export async function setPoster(tx: Tx, id: string, posterKey: string): Promise<void> {
  const { assets } = tx.tables
  await tx.update(assets).set({ posterKey }).where(eq(assets.id, id))
}

/** Removes the row unless an ad (a removed one that can be restored, too) still shows it. Gives the removed row. */
export async function removeUnusedAsset(tx: Tx, id: string): Promise<AssetRow | null> {
  const { assets, ads } = tx.tables
  const users = await tx.$count(ads, eq(ads.assetId, id))
  if (users > 0) return null
  const [row] = await tx.delete(assets).where(eq(assets.id, id)).returning()
  return row ?? null
}

/** Those of the keys that an asset's row names, as its bytes or as its poster. */
export async function findKnownKeys(read: Read, keys: readonly string[]): Promise<Set<string>> {
  if (keys.length === 0) return new Set()
  const { assets } = read.tables
  const rows = await read
    .select({ key: assets.key, posterKey: assets.posterKey })
    .from(assets)
    .where(or(inArray(assets.key, [...keys]), inArray(assets.posterKey, [...keys])))
  return new Set(rows.flatMap((row) => (row.posterKey === null ? [row.key] : [row.key, row.posterKey])))
}
