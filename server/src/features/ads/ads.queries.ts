import { and, asc, eq, gt, inArray, isNotNull, isNull, lte, max, or, sql } from 'drizzle-orm'
import type { Allowed } from '../../access.ts'
import type { Read, Tx } from '../../db/db.ts'
import type { AdRow, AssetRow } from '../../db/rows.ts'

/** An ad with the asset that it shows. */
export type AdWithAsset = { ad: AdRow; asset: AssetRow }

/**
 * Lets one change of a tenant's ads go on at a time until its transaction ends: a change reads before it writes (the
 * order, the tags), and on Postgres two of them would not see each other. The tenant's row is what `announce` takes
 * anyway, only later.
 */
export async function holdAds(tx: Tx, tenantId: string): Promise<void> {
  const { tenants } = tx.tables
  await tx
    .update(tenants)
    .set({ revision: sql`${tenants.revision}` })
    .where(eq(tenants.id, tenantId))
}

/** The tenant's ads of these ids with their assets, removed ones too, in no order. */
export function findAds(read: Read, tenantId: string, ids: readonly string[]): Promise<AdWithAsset[]> {
  const { ads, assets } = read.tables
  return read
    .select({ ad: ads, asset: assets })
    .from(ads)
    .innerJoin(assets, eq(assets.id, ads.assetId))
    .where(and(eq(ads.tenantId, tenantId), inArray(ads.id, [...ids])))
}

/** What screens have to have, in order: enabled, not removed, not over at `now`; those that wait are included. */
export function findPlayable(read: Read, tenantId: string, now: Date): Promise<AdWithAsset[]> {
  const { ads, assets } = read.tables
  return read
    .select({ ad: ads, asset: assets })
    .from(ads)
    .innerJoin(assets, eq(assets.id, ads.assetId))
    .where(
      and(
        eq(ads.tenantId, tenantId),
        eq(ads.enabled, true),
        isNull(ads.removedAt),
        or(isNull(ads.validUntil), gt(ads.validUntil, now)),
      ),
    )
    .orderBy(asc(ads.position), asc(ads.id))
}

/** The position of the last ad, removed ones included, or 0. */
export async function lastPosition(read: Read, tenantId: string): Promise<number> {
  const { ads } = read.tables
  const [row] = await read
    .select({ position: max(ads.position) })
    .from(ads)
    .where(eq(ads.tenantId, tenantId))
  return row?.position ?? 0
}

export async function insertAd(tx: Tx, row: AdRow, asset: AssetRow): Promise<void> {
  await tx.insert(tx.tables.ads).values(row)
  await insertTags(tx, row)
  await tx.words.indexAds(tx, [searchEntry(row, asset)])
}

/** Writes what may change of an ad: the row, its tags for filters, its words for the search. */
export async function saveAd(tx: Tx, ad: Allowed<AdRow>, asset: AssetRow): Promise<void> {
  const { ads, adTags } = tx.tables
  const { id, tenantId, assetId, createdAt, ...changeable } = ad
  await tx.update(ads).set(changeable).where(eq(ads.id, id))
  await tx.delete(adTags).where(eq(adTags.adId, id))
  await insertTags(tx, ad)
  await tx.words.indexAds(tx, [searchEntry(ad, asset)])
}

/** What the search looks in. */
export function searchEntry(
  { id, tenantId, position, title, description, tags }: AdRow,
  { fileName }: Pick<AssetRow, 'fileName'>,
) {
  return { id, tenantId, position, text: [title, description, ...tags, fileName].join('\n') }
}

async function insertTags(tx: Tx, { id, tenantId, tags }: AdRow): Promise<void> {
  if (tags.length === 0) return
  await tx.insert(tx.tables.adTags).values(tags.map((tag) => ({ tenantId, tag, adId: id })))
}

export async function setEnabled(tx: Tx, ads: readonly Allowed<AdRow>[], change: Pick<AdRow, 'enabled' | 'updatedAt'>) {
  await setForAll(tx, ads, change)
}

/** Removed ads leave every list and the search at once; their rows stay until the purge. */
export async function setRemoved(tx: Tx, ads: readonly Allowed<AdRow>[], removedAt: Date): Promise<void> {
  await setForAll(tx, ads, { removedAt })
  await tx.words.forgetAds(
    tx,
    ads.map((ad) => ad.id),
  )
}

export async function setRestored(tx: Tx, found: readonly { ad: Allowed<AdRow>; asset: AssetRow }[]): Promise<void> {
  await setForAll(
    tx,
    found.map(({ ad }) => ad),
    { removedAt: null },
  )
  await tx.words.indexAds(
    tx,
    found.map(({ ad, asset }) => searchEntry(ad, asset)),
  )
}

async function setForAll(tx: Tx, rows: readonly Allowed<AdRow>[], change: Partial<AdRow>): Promise<void> {
  const { ads } = tx.tables
  const ids = rows.map((row) => row.id)
  await tx.update(ads).set(change).where(inArray(ads.id, ids))
}

/** Deletes those of the ads that were removed by `removedBy` and not restored, with their tags. */
export async function deleteRemoved(tx: Tx, ids: readonly string[], removedBy: Date): Promise<void> {
  const { ads } = tx.tables
  await tx.delete(ads).where(and(inArray(ads.id, [...ids]), isNotNull(ads.removedAt), lte(ads.removedAt, removedBy)))
}
