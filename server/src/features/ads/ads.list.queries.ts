import type { AdState } from '@marquee/shared/ads.ts'
import { and, asc, count, eq, exists, gt, inArray, isNull, lte, or, type SQL, sql } from 'drizzle-orm'
import type { AdPlace, Read } from '../../db/db.ts'
import type { AdWithAsset } from './ads.queries.ts'

/** A tag on more ads than this is looked up ad by ad while walking the order; on fewer, its ads are taken and sorted. */
const rareTag = 2_000

export type AdFilter = {
  readonly tenantId: string
  readonly after: AdPlace | null
  readonly limit: number
  readonly now: Date
  readonly tag?: string | undefined
  readonly state?: AdState | undefined
  readonly kind?: 'film' | 'picture' | undefined
  /** Only these, e.g. what a search found. */
  readonly ids?: readonly string[]
}

/** The tenant's ads in order, without removed ones, in one query. */
export async function findPage(read: Read, filter: AdFilter): Promise<AdWithAsset[]> {
  const { ads, assets, adTags } = read.tables
  const where = and(
    // With ids the rows are taken by these; the index of the tenant's order would be walked to its end for a few.
    filter.ids ? sql`${ads.tenantId} || '' = ${filter.tenantId}` : eq(ads.tenantId, filter.tenantId),
    isNull(ads.removedAt),
    filter.after === null
      ? undefined
      : sql`(${ads.position}, ${ads.id}) > (${filter.after.position}, ${filter.after.id})`,
    filter.kind && eq(assets.kind, filter.kind),
    filter.state && inState(read, filter.state, filter.now),
    filter.ids && inArray(ads.id, [...filter.ids]),
  )
  const columns = { ad: ads, asset: assets }
  const tagged = and(eq(adTags.tenantId, filter.tenantId), eq(adTags.tag, filter.tag ?? ''), eq(adTags.adId, ads.id))
  if (filter.tag !== undefined && !filter.ids && (await isRare(read, filter.tenantId, filter.tag))) {
    // SQLite does not reorder a cross join, so it starts from the few ads with the tag instead of walking the whole order.
    const few = read.select(columns).from(adTags).crossJoin(ads).crossJoin(assets)
    return few
      .where(and(tagged, eq(assets.id, ads.assetId), where))
      .orderBy(asc(ads.position), asc(ads.id))
      .limit(filter.limit)
  }
  const one = read.select({ one: sql`1` }).from(adTags).where(tagged)
  return read
    .select(columns)
    .from(ads)
    .innerJoin(assets, eq(assets.id, ads.assetId))
    .where(and(where, filter.tag === undefined ? undefined : exists(one)))
    .orderBy(asc(ads.position), asc(ads.id))
    .limit(filter.limit)
}

async function isRare(read: Read, tenantId: string, tag: string): Promise<boolean> {
  const { adTags } = read.tables
  const some = read
    .select({ one: sql`1`.as('one') })
    .from(adTags)
    .where(and(eq(adTags.tenantId, tenantId), eq(adTags.tag, tag)))
    .limit(rareTag + 1)
    .as('some')
  const [found] = await read.select({ count: count() }).from(some)
  return (found?.count ?? 0) <= rareTag
}

/** `stateAt` of shared/ads.ts, in SQL. */
function inState(read: Read, state: AdState, now: Date): SQL | undefined {
  const { ads } = read.tables
  switch (state) {
    case 'off':
      return eq(ads.enabled, false)
    case 'waiting':
      return and(eq(ads.enabled, true), gt(ads.validFrom, now))
    case 'over':
      return and(eq(ads.enabled, true), lte(ads.validUntil, now))
    case 'live':
      return and(
        eq(ads.enabled, true),
        or(isNull(ads.validFrom), lte(ads.validFrom, now)),
        or(isNull(ads.validUntil), gt(ads.validUntil, now)),
      )
  }
}

/** Tags in use with how many ads have each, in the order of the alphabet. */
export async function countTags(read: Read, tenantId: string): Promise<{ tag: string; count: number }[]> {
  const { ads, adTags } = read.tables
  return read
    .select({ tag: adTags.tag, count: count() })
    .from(adTags)
    .innerJoin(ads, eq(ads.id, adTags.adId))
    .where(and(eq(adTags.tenantId, tenantId), isNull(ads.removedAt)))
    .groupBy(adTags.tag)
    .orderBy(asc(adTags.tag))
}
