import { and, desc, eq, exists, inArray, isNull, lt, type SQL } from 'drizzle-orm'
import type { Read } from '../../db/db.ts'
import type { AssetRow } from '../../db/rows.ts'

/** What a tenant has in one category. Of the category `ads` only what an ad shows: a removed one is gone. */
export type Shelf = Pick<AssetRow, 'tenantId' | 'category'>

/** Newest first, `limit + 1` at most. */
export function findFiles(
  read: Read,
  shelf: Shelf,
  { before, limit }: { before: string | null; limit: number },
): Promise<AssetRow[]> {
  const { assets } = read.tables
  return read
    .select()
    .from(assets)
    .where(and(onShelf(read, shelf), before === null ? undefined : lt(assets.id, before)))
    .orderBy(desc(assets.id))
    .limit(limit + 1)
}

export function countFiles(read: Read, shelf: Shelf): Promise<number> {
  return read.$count(read.tables.assets, onShelf(read, shelf))
}

export async function findFileByKey(read: Read, shelf: Shelf, key: string): Promise<AssetRow | null> {
  const { assets } = read.tables
  const [row] = await read
    .select()
    .from(assets)
    .where(and(onShelf(read, shelf), eq(assets.key, key)))
  return row ?? null
}

/** Ids of the ads that show an asset, by the asset's id, in their order. */
export async function findAdIds(
  read: Read,
  tenantId: string,
  assetIds: readonly string[],
): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>()
  if (assetIds.length === 0) return found
  const { ads } = read.tables
  const rows = await read
    .select({ id: ads.id, assetId: ads.assetId })
    .from(ads)
    .where(and(eq(ads.tenantId, tenantId), inArray(ads.assetId, [...assetIds]), isNull(ads.removedAt)))
    .orderBy(ads.position, ads.id)
  for (const { id, assetId } of rows) found.set(assetId, [...(found.get(assetId) ?? []), id])
  return found
}

function onShelf(read: Read, { tenantId, category }: Shelf): SQL | undefined {
  const { assets, ads } = read.tables
  const shown = read
    .select({ id: ads.id })
    .from(ads)
    .where(and(eq(ads.assetId, assets.id), isNull(ads.removedAt)))
  return and(
    eq(assets.tenantId, tenantId),
    eq(assets.category, category),
    category === 'ads' ? exists(shown) : undefined,
  )
}
