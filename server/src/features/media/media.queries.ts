import { uploadLifetimeMs } from '@marquee/shared/uploads.ts'
import { and, asc, eq, gt, inArray, isNull, lt, or } from 'drizzle-orm'
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

/** The asset, which nobody else can hold or remove until the transaction ends. */
export async function holdAsset(tx: Tx, id: string): Promise<AssetRow | null> {
  const { assets } = tx.tables
  const [row] = await tx.update(assets).set({ id }).where(eq(assets.id, id)).returning()
  return row ?? null
}

export type Unused = { readonly id: string; readonly since: Date }

/**
 * Removes the row unless an ad (a removed one that can be restored, too) still shows it, or somebody sent its bytes
 * after `since` and may yet make an ad of them. Gives the removed row.
 */
export async function removeUnusedAsset(tx: Tx, { id, since }: Unused): Promise<AssetRow | null> {
  const { assets, ads, uploads } = tx.tables
  if (!(await holdAsset(tx, id))) return null
  if ((await tx.$count(ads, eq(ads.assetId, id))) > 0) return null
  // An upload that is done is kept for this long after it.
  const keptUntil = new Date(since.getTime() + uploadLifetimeMs)
  const sent = and(eq(uploads.state, 'done'), gt(uploads.expiresAt, keptUntil), eq(uploads.assetId, id))
  if ((await tx.$count(uploads, and(sent, isNull(uploads.adId)))) > 0) return null
  const [row] = await tx.delete(assets).where(eq(assets.id, id)).returning()
  return row ?? null
}

/** Assets for ads that were stored before an instant, of every tenant, by id. */
export async function findOldAssetIds(
  read: Read,
  { after, before, limit }: { after: string; before: Date; limit: number },
): Promise<string[]> {
  const { assets } = read.tables
  const rows = await read
    .select({ id: assets.id })
    .from(assets)
    .where(and(gt(assets.id, after), eq(assets.category, 'ads'), lt(assets.createdAt, before)))
    .orderBy(asc(assets.id))
    .limit(limit)
  return rows.map((row) => row.id)
}

/** Those of the assets that an ad shows, a removed one too. */
export async function findShown(read: Read, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  const { ads } = read.tables
  const rows = await read
    .selectDistinct({ id: ads.assetId })
    .from(ads)
    .where(inArray(ads.assetId, [...ids]))
  return new Set(rows.map((row) => row.id))
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
