import { and, asc, count, eq, isNull, sql } from 'drizzle-orm'
import type { AdPlace, Read } from '../../db/db.ts'
import { inState } from './ads.list.queries.ts'
import type { AdWithAsset } from './ads.queries.ts'

export type LiveNow = { readonly tenantId: string; readonly now: Date }

/** The first live ad behind a place in the order (null: of all), or null. */
export async function findLiveAfter(read: Read, { after, ...loop }: LiveNow & { after: AdPlace | null }) {
  const { ads, assets } = read.tables
  const behind = after && sql`(${ads.position}, ${ads.id}) > (${after.position}, ${after.id})`
  const [found] = await read
    .select({ ad: ads, asset: assets })
    .from(ads)
    .innerJoin(assets, eq(assets.id, ads.assetId))
    .where(and(isLive(read, loop), behind ?? undefined))
    .orderBy(asc(ads.position), asc(ads.id))
    .limit(1)
  return found ?? null
}

export function countLive(read: Read, loop: LiveNow): Promise<number> {
  return read.$count(read.tables.ads, isLive(read, loop))
}

/** All that are there, live or not. */
export function countAds(read: Read, tenantId: string): Promise<number> {
  const { ads } = read.tables
  return read.$count(ads, and(eq(ads.tenantId, tenantId), isNull(ads.removedAt)))
}

/** How many live ads are in front of a place. */
export function countLiveBefore(read: Read, { before, ...loop }: LiveNow & { before: AdPlace }): Promise<number> {
  const { ads } = read.tables
  const inFront = sql`(${ads.position}, ${ads.id}) < (${before.position}, ${before.id})`
  return read.$count(ads, and(isLive(read, loop), inFront))
}

export async function findLiveIds(read: Read, loop: LiveNow): Promise<string[]> {
  const { ads } = read.tables
  const rows = await read.select({ id: ads.id }).from(ads).where(isLive(read, loop))
  return rows.map(({ id }) => id)
}

/** Ads of a file's name, oldest first. */
export function findByFileName(
  read: Read,
  { tenantId, fileName, limit }: { tenantId: string; fileName: string; limit: number },
): Promise<AdWithAsset[]> {
  const { ads, assets } = read.tables
  return read
    .select({ ad: ads, asset: assets })
    .from(assets)
    .innerJoin(ads, eq(ads.assetId, assets.id))
    .where(and(eq(assets.tenantId, tenantId), eq(assets.fileName, fileName), isNull(ads.removedAt)))
    .orderBy(asc(ads.id))
    .limit(limit)
}

/** How many ads of each type a tenant has, in which state, and how large their files are. */
export function summarizeAds(read: Read, { tenantId, now }: LiveNow) {
  const { ads, assets } = read.tables
  const among = (state: 'live' | 'off' | 'waiting' | 'over') =>
    sql`sum(case when ${inState(read, state, now)} then 1 else 0 end)`.mapWith(Number)
  return read
    .select({
      type: assets.type,
      count: count(),
      bytes: sql`sum(${assets.size})`.mapWith(Number),
      live: among('live'),
      off: among('off'),
      waiting: among('waiting'),
      over: among('over'),
    })
    .from(ads)
    .innerJoin(assets, eq(assets.id, ads.assetId))
    .where(and(eq(ads.tenantId, tenantId), isNull(ads.removedAt)))
    .groupBy(assets.type)
    .orderBy(asc(assets.type))
}

function isLive(read: Read, { tenantId, now }: LiveNow) {
  const { ads } = read.tables
  return and(eq(ads.tenantId, tenantId), isNull(ads.removedAt), inState(read, 'live', now))
}
