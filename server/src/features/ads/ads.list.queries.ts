import type { AdState } from '@marquee/shared/ads.ts'
import { and, asc, count, eq, exists, gt, inArray, isNull, lte, or, type SQL, sql } from 'drizzle-orm'
import type { AdPlace, Read } from '../../db/db.ts'
import { withQuickRows } from '../../db/quick-rows.ts'
import type { AdWithAsset } from './ads.queries.ts'

export type AdFilter = {
  readonly tenantId: string
  readonly after: AdPlace | null
  readonly limit: number
  readonly now: Date
  readonly tag?: string | undefined
  readonly state?: AdState | undefined
  readonly kind?: 'film' | 'picture' | undefined
  /** Only these ads, or those that fit; what a search found. */
  readonly ids?: readonly string[] | undefined
  readonly condition?: SQL | undefined
}

/** The tenant's ads in order, without removed ones, in one query. */
export function findPage(read: Read, filter: AdFilter): Promise<AdWithAsset[]> {
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
    filter.condition,
  )
  const tagged = read
    .select({ one: sql`1` })
    .from(adTags)
    .where(and(eq(adTags.tenantId, filter.tenantId), eq(adTags.tag, filter.tag ?? ''), eq(adTags.adId, ads.id)))
  return read
    .select({ ad: ads, asset: assets })
    .from(ads)
    .innerJoin(assets, eq(assets.id, ads.assetId))
    .where(and(where, filter.tag === undefined ? undefined : exists(tagged)))
    .orderBy(asc(ads.position), asc(ads.id))
    .limit(filter.limit)
}

/** The plain list is what panels ask for most; building and parsing its SQL would cost more than running it. */
export function findPlainPage(
  read: Read,
  { tenantId, after, limit }: Pick<AdFilter, 'tenantId' | 'after' | 'limit'>,
): Promise<AdWithAsset[]> {
  const known = plainPages.get(read) ?? preparePlainPages(read)
  plainPages.set(read, known)
  return after === null ? known.first.execute({ tenantId, limit }) : known.next.execute({ tenantId, limit, ...after })
}

const plainPages = new WeakMap<Read, ReturnType<typeof preparePlainPages>>()

function preparePlainPages(read: Read) {
  const { ads, assets } = read.tables
  const behind = sql`(${ads.position}, ${ads.id}) > (${sql.placeholder('position')}, ${sql.placeholder('id')})`
  const tables = { ad: ads, asset: assets }
  const page = (after: SQL | undefined) =>
    read
      .select(tables)
      .from(ads)
      .innerJoin(assets, eq(assets.id, ads.assetId))
      .where(and(eq(ads.tenantId, sql.placeholder('tenantId')), isNull(ads.removedAt), after))
      .orderBy(asc(ads.position), asc(ads.id))
      .limit(sql.placeholder('limit'))
  return {
    first: withQuickRows(page(undefined).prepare('ads_first'), tables),
    next: withQuickRows(page(behind).prepare('ads_next'), tables),
  }
}

/** The ids of all ads with the tag, or null where there are more than `most`. */
export async function findTagged(read: Read, { tenantId, tag, most }: { tenantId: string; tag: string; most: number }) {
  const { adTags } = read.tables
  const rows = await read
    .select({ id: adTags.adId })
    .from(adTags)
    .where(and(eq(adTags.tenantId, tenantId), eq(adTags.tag, tag)))
    .limit(most + 1)
  return rows.length > most ? null : rows.map(({ id }) => id)
}

/** `stateAt` of shared/ads.ts, in SQL. */
export function inState(read: Read, state: AdState, now: Date): SQL | undefined {
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
