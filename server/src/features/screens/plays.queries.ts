import { and, desc, eq, gte, inArray, lt, lte, sql, sum } from 'drizzle-orm'
import type { Read, Tx } from '../../db/db.ts'
import type { Row } from '../../db/rows.ts'

export type PlayRow = Row<'plays'>
/** Where a page of plays ended. */
export type PlayPlace = Pick<PlayRow, 'day' | 'screenId' | 'adId'>

/** Rows in one statement. */
const maxRows = 100

export type PlayFilter = {
  readonly tenantId: string
  readonly from?: string | undefined
  readonly until?: string | undefined
  readonly screenId?: string | undefined
  readonly adId?: string | undefined
  readonly behind: PlayPlace | null
  readonly limit: number
}

/** Adds to what was counted before. Each key is at most once among the rows. */
export async function addPlays(tx: Tx, rows: readonly PlayRow[]): Promise<void> {
  const { plays } = tx.tables
  for (let from = 0; from < rows.length; from += maxRows) {
    await tx
      .insert(plays)
      .values(rows.slice(from, from + maxRows))
      .onConflictDoUpdate({
        target: [plays.tenantId, plays.day, plays.screenId, plays.adId],
        set: {
          count: sql`${plays.count} + excluded.count`,
          title: sql`excluded.title`,
          screenName: sql`excluded.screen_name`,
          lastAt: sql`excluded.last_at`,
        },
      })
  }
}

/** Newest day first. */
export function findPlays(read: Read, filter: PlayFilter): Promise<PlayRow[]> {
  const { plays } = read.tables
  const { behind } = filter
  return read
    .select()
    .from(plays)
    .where(
      and(
        eq(plays.tenantId, filter.tenantId),
        filter.from === undefined ? undefined : gte(plays.day, filter.from),
        filter.until === undefined ? undefined : lte(plays.day, filter.until),
        filter.screenId === undefined ? undefined : eq(plays.screenId, filter.screenId),
        filter.adId === undefined ? undefined : eq(plays.adId, filter.adId),
        behind
          ? sql`(${plays.day}, ${plays.screenId}, ${plays.adId}) < (${behind.day}, ${behind.screenId}, ${behind.adId})`
          : undefined,
      ),
    )
    .orderBy(desc(plays.day), desc(plays.screenId), desc(plays.adId))
    .limit(filter.limit)
}

export async function sumPlays(read: Read, tenantId: string, from: string): Promise<number> {
  const { plays } = read.tables
  const [row] = await read
    .select({ total: sum(plays.count).mapWith(Number) })
    .from(plays)
    .where(and(eq(plays.tenantId, tenantId), gte(plays.day, from)))
  return row?.total ?? 0
}

/** By tenant, so that the key's order is used. */
export async function removePlaysBefore(tx: Tx, day: string): Promise<void> {
  const { plays, tenants } = tx.tables
  await tx
    .delete(plays)
    .where(and(inArray(plays.tenantId, tx.select({ id: tenants.id }).from(tenants)), lt(plays.day, day)))
}

export async function findTimeZones(read: Read, tenantIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { tenants } = read.tables
  const rows = await read
    .select({ id: tenants.id, timeZone: tenants.timeZone })
    .from(tenants)
    .where(inArray(tenants.id, [...tenantIds]))
  return new Map(rows.map(({ id, timeZone }) => [id, timeZone]))
}
