import type { listAds as listInput } from '@marquee/shared/ads.ts'
import type { z } from 'zod'
import type { Actor } from '../../access.ts'
import type { AdPlace } from '../../db/db.ts'
import type { Deps } from '../../deps.ts'
import { decodeCursor, encodeCursor } from '../../lib/cursor.ts'
import { type AdFilter, countTags, findPage } from './ads.list.queries.ts'
import type { AdWithAsset } from './ads.queries.ts'
import { toAd } from './ads.usecases.ts'

/** The tenant's ads in order, page by page; what the filters and the search leave. */
export async function listAds(deps: Deps, actor: Actor, input: z.output<typeof listInput>) {
  const { cursor, limit, search, tag, state, kind } = input
  const filter = {
    tenantId: actor.tenantId,
    after: toPlace(cursor),
    limit: limit + 1,
    now: deps.clock.now(),
    tag,
    state,
    kind,
  }
  const rows = search ? await findBySearch(deps, filter, search) : await findPage(deps.db.read, filter)
  const items = await Promise.all(rows.slice(0, limit).map(({ ad, asset }) => toAd(deps, ad, asset)))
  const last = rows[limit - 1]?.ad
  return { items, nextCursor: last && rows.length > limit ? encodeCursor([last.position, last.id]) : null }
}

/** Takes from the search until the page is full; filters may leave nothing of what it found first. */
async function findBySearch(deps: Deps, filter: AdFilter, search: string): Promise<AdWithAsset[]> {
  const { tenantId, after, limit } = filter
  const rows: AdWithAsset[] = []
  for await (const ids of deps.db.read.words.adsMatching(deps.db.read, { tenantId, search, after, slice: limit })) {
    rows.push(...(await findPage(deps.db.read, { ...filter, ids })))
    if (rows.length >= limit) break
  }
  return rows.slice(0, limit)
}

function toPlace(cursor: string | null | undefined): AdPlace | null {
  if (!cursor) return null
  const [position, id] = decodeCursor(cursor, ['number', 'string'])
  return { position, id }
}

export async function listTags(deps: Deps, actor: Actor) {
  return { tags: await countTags(deps.db.read, actor.tenantId) }
}
