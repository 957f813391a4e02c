import { toAdvertisement, toMb } from '@marquee/shared/agents.answers.ts'
import type * as inputs from '@marquee/shared/agents.ts'
import { supportedFormats } from '@marquee/shared/agents.ts'
import { mediaTypes } from '@marquee/shared/media.ts'
import type { z } from 'zod'
import { type Actor, can } from '../../access.ts'
import type { Deps } from '../../deps.ts'
import { decodeCursor, encodeCursor } from '../../lib/cursor.ts'
import { listAds } from '../ads/ads.list.usecases.ts'
import { countLoop, summarizeAds } from '../ads/ads.loop.usecases.ts'
import { totalPlays } from '../screens/plays.usecases.ts'
import { listScreens } from '../screens/screens.usecases.ts'
import { readCursor } from './agents.cursor.usecases.ts'
import { configOf } from './agents.loop.usecases.ts'

export async function getStats(deps: Deps, actor: Actor) {
  return {
    type: 'stats_response',
    stats: await callStats(deps, actor),
    config: configOf(false),
    supported_formats: supportedFormats,
  } as const
}

/** Numbers over everything, and (if wanted) the ads one by one. */
export async function getManagementInfo(deps: Deps, actor: Actor, input: z.output<typeof inputs.getManagementInfo>) {
  const statistics = toStatistics(await summarizeAds(deps, actor))
  const page = input.include_file_details ? await listAds(deps, actor, input) : { items: [], nextCursor: null }
  return {
    type: 'advertisement_management_info',
    status: statistics.live_ads > 0 ? 'ready' : 'empty',
    statistics,
    session_stats: await callStats(deps, actor),
    system_status: can(actor, 'screens:read') ? await screenStatus(deps, actor) : null,
    file_details: page.items.map((ad) => toAdvertisement(ad, actor.tenantId)),
    next_cursor: page.nextCursor,
  } as const
}

export async function search(deps: Deps, actor: Actor, input: z.output<typeof inputs.searchAdvertisements>) {
  const { query, ...filter } = input
  const { items, nextCursor } = await listAds(deps, actor, { ...filter, search: query })
  return {
    type: 'search_results',
    keyword: query ?? '',
    advertisements: items.map((ad) => toAdvertisement(ad, actor.tenantId)),
    next_cursor: nextCursor,
  } as const
}

/** A tenant's screens are few enough to be read at once; the answer still comes in pages. */
export async function getScreens(deps: Deps, actor: Actor, { cursor, limit }: z.output<typeof inputs.listScreens>) {
  const { items, revision } = await listScreens(deps, actor)
  const after = cursor ? decodeCursor(cursor, ['string'])[0] : ''
  const left = items.filter(({ id }) => id > after)
  const shown = left.slice(0, limit)
  const last = shown.at(-1)
  return {
    type: 'screen_list',
    screens: shown.map(({ id, name, online, lastSeenAt, playing, orientation, muted, shuffle, ...screen }) => ({
      id,
      name,
      online,
      last_seen_at: lastSeenAt,
      playing: playing && { id: playing.adId, title: playing.title },
      up_to_date: screen.revision === revision,
      orientation,
      muted,
      shuffle,
      problem: screen.problem?.reason ?? null,
    })),
    total_count: items.length,
    next_cursor: last && left.length > limit ? encodeCursor([last.id]) : null,
  } as const
}

async function callStats(deps: Deps, actor: Actor) {
  const { plays } = await readCursor(deps, actor)
  return {
    total_ads: await countLoop(deps, actor),
    session_plays: plays,
    total_plays: await totalPlays(deps, actor),
  }
}

async function screenStatus(deps: Deps, actor: Actor) {
  const { items, upToDate } = await listScreens(deps, actor)
  return {
    screens: items.length,
    screens_online: items.filter(({ online }) => online).length,
    screens_up_to_date: upToDate,
  }
}

function toStatistics(rows: Awaited<ReturnType<typeof summarizeAds>>) {
  const sum = (field: 'count' | 'bytes' | 'live' | 'off' | 'waiting' | 'over') =>
    rows.reduce((total, row) => total + row[field], 0)
  return {
    total_ads: sum('count'),
    live_ads: sum('live'),
    off_ads: sum('off'),
    waiting_ads: sum('waiting'),
    over_ads: sum('over'),
    total_size_bytes: sum('bytes'),
    total_size_mb: toMb(sum('bytes')),
    format_distribution: Object.fromEntries(rows.map(({ type, count }) => [mediaTypes[type].extension, count])),
  }
}
