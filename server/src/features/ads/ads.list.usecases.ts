import type { listAds as listInput } from '@marquee/shared/ads.ts'
import type { z } from 'zod'
import type { Actor } from '../../access.ts'
import type { AdPlace } from '../../db/db.ts'
import type { Deps } from '../../deps.ts'
import { decodeCursor, encodeCursor } from '../../lib/cursor.ts'
import { type AdFilter, countTags, findPage, findPlainPage, findTagged } from './ads.list.queries.ts'
import type { AdWithAsset } from './ads.queries.ts'
import { toAd } from './ads.usecases.ts'

const rareTag = 2_000

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
  const rows = await findRows(deps, filter, search)
  const items = await Promise.all(rows.slice(0, limit).map(({ ad, asset }) => toAd(deps, ad, asset)))
  const last = rows[limit - 1]?.ad
  return { items, nextCursor: last && rows.length > limit ? encodeCursor([last.position, last.id]) : null }
}

async function findRows(deps: Deps, filter: AdFilter, search: string | undefined): Promise<AdWithAsset[]> {
  const { tenantId, after, limit, tag, state, kind } = filter
  const filtered = tag !== undefined || state !== undefined || kind !== undefined
  const { read } = deps.db
  if (!search && !filtered) return findPlainPage(read, filter)
  const found: Pick<AdFilter, 'ids' | 'condition'> = search
    ? await read.words.findAds(read, { tenantId, search, after, limit, filtered })
    : await findByTag(deps, filter)
  return found.ids?.length === 0 ? [] : findPage(read, { ...filter, ...found })
}

/** A tag on few ads is looked up first; of one on many, the order soon has enough. */
async function findByTag(deps: Deps, { tenantId, tag }: AdFilter): Promise<Pick<AdFilter, 'ids'>> {
  const ids = tag === undefined ? null : await findTagged(deps.db.read, { tenantId, tag, most: rareTag })
  return ids ? { ids } : {}
}

function toPlace(cursor: string | null | undefined): AdPlace | null {
  if (!cursor) return null
  const [position, id] = decodeCursor(cursor, ['number', 'string'])
  return { position, id }
}

export async function listTags(deps: Deps, actor: Actor) {
  return { tags: await countTags(deps.db.read, actor.tenantId) }
}
