import { and, asc, eq, gt, isNull } from 'drizzle-orm'
import type { Read, Tx } from '../../db/db.ts'
import { type AdWithAsset, searchEntry } from './ads.queries.ts'

/** Ads of all tenants that the search may find, by their ids. */
export function findForIndex(read: Read, afterId: string, limit: number): Promise<AdWithAsset[]> {
  const { ads, assets } = read.tables
  return read
    .select({ ad: ads, asset: assets })
    .from(ads)
    .innerJoin(assets, eq(assets.id, ads.assetId))
    .where(and(gt(ads.id, afterId), isNull(ads.removedAt)))
    .orderBy(asc(ads.id))
    .limit(limit)
}

export async function indexAll(tx: Tx, found: readonly AdWithAsset[]): Promise<void> {
  await tx.words.indexAds(
    tx,
    found.map(({ ad, asset }) => searchEntry(ad, asset)),
  )
}
