import type { listPlays as listInput } from '@marquee/shared/screens.ts'
import type { z } from 'zod'
import { type Actor, ensureCan } from '../../access.ts'
import type { Tx } from '../../db/db.ts'
import type { Deps } from '../../deps.ts'
import type { Events } from '../../events/events.ts'
import { BoundedMap } from '../../lib/bounded-map.ts'
import { decodeCursor, encodeCursor } from '../../lib/cursor.ts'
import { onePer } from '../../lib/one-per.ts'
import * as queries from './plays.queries.ts'
import { findShownAds } from './screens.queries.ts'

/** An ad began on a screen. */
export type Play = { readonly adId: string; readonly screenName: string; readonly at: Date }
type PlayOn = Play & { readonly tenantId: string; readonly screenId: string }

const dayMs = 24 * 60 * 60 * 1000
/** A year, and a day for time zones. */
const keptMs = 367 * dayMs
const totalDays = 30
const totalLifeMs = 60_000
/** Ids in one statement. */
const maxIds = 500

/** Counts plays by the days of their tenants. What is no ad of the screen's tenant is left out. */
export async function countPlays(tx: Tx, plays: readonly PlayOn[]): Promise<void> {
  if (plays.length === 0) return
  const byTenant = Map.groupBy(plays, ({ tenantId }) => tenantId)
  const timeZones = await queries.findTimeZones(tx, [...byTenant.keys()])
  const rows = new Map<string, queries.PlayRow>()
  for (const [tenantId, ofTenant] of byTenant) {
    const titles = await findTitles(tx, tenantId, new Set(ofTenant.map(({ adId }) => adId)))
    for (const { adId, screenId, screenName, at } of ofTenant) {
      const title = titles.get(adId)
      if (title === undefined) continue
      const day = dayOf(at, timeZones.get(tenantId) ?? 'UTC')
      const key = [tenantId, day, screenId, adId].join(' ')
      const count = (rows.get(key)?.count ?? 0) + 1
      rows.set(key, { tenantId, day, screenId, adId, count, title, screenName, lastAt: at })
    }
  }
  // Sorted, so that two processes that count the same do not wait for each other in a ring.
  await queries.addPlays(
    tx,
    [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row),
  )
}

async function findTitles(tx: Tx, tenantId: string, ids: ReadonlySet<string>): Promise<ReadonlyMap<string, string>> {
  const all = [...ids]
  const titles = new Map<string, string>()
  for (let from = 0; from < all.length; from += maxIds)
    for (const { id, title } of await findShownAds(tx, tenantId, all.slice(from, from + maxIds))) titles.set(id, title)
  return titles
}

/** What ran where, by day, the newest first. */
export async function listPlays(deps: Deps, actor: Actor, input: z.output<typeof listInput>) {
  ensureCan(actor, 'screens:read')
  const { cursor, limit, ...filter } = input
  const rows = await queries.findPlays(deps.db.read, {
    ...filter,
    tenantId: actor.tenantId,
    behind: toPlace(cursor),
    limit: limit + 1,
  })
  const items = rows.slice(0, limit).map(({ day, screenId, screenName, adId, title, count, lastAt }) => ({
    day,
    screen: { id: screenId, name: screenName },
    ad: { id: adId, title },
    plays: count,
    lastAt: lastAt.toISOString(),
  }))
  const last = rows[limit - 1]
  return {
    items,
    nextCursor: last && rows.length > limit ? encodeCursor([last.day, last.screenId, last.adId]) : null,
  }
}

function toPlace(cursor: string | null | undefined): queries.PlayPlace | null {
  if (!cursor) return null
  const [day, screenId, adId] = decodeCursor(cursor, ['string', 'string', 'string'])
  return { day, screenId, adId }
}

const totals = onePer((_: Events) => new BoundedMap<string, { at: number; total: number }>(1_000))

/** How often an ad began on a screen of the tenant, in the last 30 days; at most a minute old, for it adds up many rows. */
export async function totalPlays(deps: Deps, actor: Actor): Promise<number> {
  const known = totals(deps.events)
  const now = deps.clock.now().getTime()
  const before = known.get(actor.tenantId)
  if (before && Math.abs(now - before.at) < totalLifeMs) return before.total
  const total = await queries.sumPlays(
    deps.db.read,
    actor.tenantId,
    dayOf(new Date(now - (totalDays - 1) * dayMs), 'UTC'),
  )
  known.set(actor.tenantId, { at: now, total })
  return total
}

export async function sweepPlays(deps: Deps): Promise<void> {
  const before = dayOf(new Date(deps.clock.now().getTime() - keptMs), 'UTC')
  await deps.db.write((tx) => queries.removePlaysBefore(tx, before))
}

const formats = new BoundedMap<string, Intl.DateTimeFormat>(500)

/** `2026-11-24` */
function dayOf(at: Date, timeZone: string): string {
  // Sweden writes dates so. Making a format is dear, and a flush needs one per play.
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' })
  formats.set(timeZone, format)
  return format.format(at)
}
