import type { Ad } from '@marquee/shared/ads.ts'
import { type Advertisement, toAdvertisement } from '@marquee/shared/agents.answers.ts'
import type * as inputs from '@marquee/shared/agents.ts'
import type { z } from 'zod'
import type { Actor } from '../../access.ts'
import type { Deps } from '../../deps.ts'
import { decodeCursor, encodeCursor } from '../../lib/cursor.ts'
import { listAds } from '../ads/ads.list.usecases.ts'
import * as loop from '../ads/ads.loop.usecases.ts'
import { totalPlays } from '../screens/plays.usecases.ts'
import { getScreen } from '../screens/screens.usecases.ts'
import { advanceCursor, noteCount, readCursor } from './agents.cursor.usecases.ts'

/** How a loop goes on, in the words of the first advertisement server. */
export function configOf(shuffle: boolean) {
  return {
    shuffle_mode: shuffle,
    auto_advance: true,
    advance_mode: 'on_video_end',
    loop_playlist: true,
  } as const
}

const nothing = 'Nothing is in the loop now. Upload an advertisement, or enable one'

/** What is in the loop now, in its order or shuffled, page by page. */
export async function getPlaylist(deps: Deps, actor: Actor, input: z.output<typeof inputs.getPlaylist>) {
  const screen = await namedScreen(deps, actor, input.screen_id)
  const page = input.shuffle ? await shuffledPage(deps, actor, input) : await livePage(deps, actor, input)
  const isAll = !input.cursor && page.nextCursor === null
  const total = isAll ? page.items.length : await loop.countLoop(deps, actor)
  const shuffle = input.shuffle || (screen?.shuffle ?? false)
  return {
    type: 'advertisement_playlist',
    playlist: page.items,
    total_count: total,
    shuffle_mode: shuffle,
    config: configOf(shuffle),
    message: total === 0 ? nothing : `${total} in the loop now`,
    next_cursor: page.nextCursor,
  } as const
}

type Page = { readonly limit: number; readonly cursor?: string | null | undefined }

async function livePage(deps: Deps, actor: Actor, { cursor, limit }: Page) {
  // The plain list costs a fraction of a filtered one, and in most shops every ad of a page is live.
  const plain = await listAds(deps, actor, { cursor, limit })
  const live = plain.items.filter(({ state }) => state === 'live')
  const isWhole = plain.nextCursor === null || live.length === plain.items.length
  const { items, nextCursor } = isWhole
    ? { items: live, nextCursor: plain.nextCursor }
    : await listAds(deps, actor, { cursor, limit, state: 'live' })
  return { items: toAll(actor, items), nextCursor }
}

/** Every page of one shuffle has the same order: by a number made of its seed and the ad. */
async function shuffledPage(deps: Deps, actor: Actor, { cursor, limit }: Page) {
  const [seed, lastRank, lastId] = cursor
    ? decodeCursor(cursor, ['number', 'number', 'string'])
    : ([Math.floor(Math.random() * 2 ** 31), -1, ''] as const)
  const ranked = (await loop.listLiveIds(deps, actor)).map((id) => ({ id, rank: rankOf(seed, id) }))
  const left = ranked
    .filter(({ id, rank }) => rank > lastRank || (rank === lastRank && id > lastId))
    .sort((a, b) => a.rank - b.rank || (a.id < b.id ? -1 : 1))
  const shown = left.slice(0, limit)
  const items = await loop.getAds(
    deps,
    actor,
    shown.map(({ id }) => id),
  )
  const last = shown.at(-1)
  return {
    items: toAll(actor, items),
    nextCursor: last && left.length > limit ? encodeCursor([seed, last.rank, last.id]) : null,
  }
}

/** FNV-1a with a last stir; nobody gains by guessing it. */
function rankOf(seed: number, id: string): number {
  let hash = 0x811c9dc5 ^ seed
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b)
  return (hash ^ (hash >>> 15)) >>> 0
}

function toAll(actor: Actor, ads: readonly Ad[]): Advertisement[] {
  return ads.map((ad) => toAdvertisement(ad, actor.tenantId))
}

/** What comes next on the screen, or at the caller's own place, which moves on. */
export async function getNext(deps: Deps, actor: Actor, input: z.output<typeof inputs.getNext>) {
  const screen = await namedScreen(deps, actor, input.screen_id)
  const [answer, plays] = screen
    ? [await nextOnScreen(deps, actor, screen), (await readCursor(deps, actor)).plays]
    : await nextOfCaller(deps, actor, input.advance)
  const [total, total_plays] = [await loop.countLoop(deps, actor), await totalPlays(deps, actor)]
  return {
    ...(await describe(deps, actor, { ...answer, screen, total })),
    stats: { total_ads: total, session_plays: plays, total_plays },
  }
}

/** What plays on the screen, or what the caller was given last. */
export async function getCurrent(deps: Deps, actor: Actor, input: z.output<typeof inputs.getCurrent>) {
  const screen = await namedScreen(deps, actor, input.screen_id)
  const total = await loop.countLoop(deps, actor)
  if (!screen) {
    const { place } = await readCursor(deps, actor)
    return describe(deps, actor, {
      found: await loop.currentInLoop(deps, actor, place),
      screen,
      total,
      message: 'Your place in the loop',
    })
  }
  const found = screen.playing ? await loop.getInOrder(deps, actor, screen.playing.adId) : null
  const message = screen.online
    ? found
      ? 'The screen plays it now'
      : 'The screen plays nothing now'
    : 'The screen is offline'
  return describe(deps, actor, { found, screen, total, message })
}

type Screen = Awaited<ReturnType<typeof getScreen>>
type Answer = { readonly found: loop.InLoop | null; readonly message: string }

async function nextOfCaller(deps: Deps, actor: Actor, advance: boolean): Promise<[Answer, number]> {
  if (advance) {
    const { next, plays } = await advanceCursor(deps, actor)
    return [{ found: next, message: 'The next one; your place moved on to it' }, plays]
  }
  const { place, plays } = await readCursor(deps, actor)
  return [{ found: await loop.nextInLoop(deps, actor, place), message: 'The next one; your place stayed' }, plays]
}

async function nextOnScreen(deps: Deps, actor: Actor, screen: Screen): Promise<Answer> {
  if (screen.playNext) {
    const found = await loop.getInOrder(deps, actor, screen.playNext)
    if (found) return { found, message: 'The screen was told to play it at once' }
  }
  if (screen.shuffle)
    return { found: null, message: 'The screen plays in a random order, so nobody knows what comes next' }
  const place = screen.playing ? await loop.placeOf(deps, actor, screen.playing.adId) : null
  const found = await loop.nextInLoop(deps, actor, place)
  return { found, message: 'The screen plays it next' }
}

type Described = Answer & { readonly screen: Screen | null; readonly total: number }

async function describe(deps: Deps, actor: Actor, { found, screen, total, message }: Described) {
  const isLive = found?.ad.state === 'live'
  return {
    type: 'advertisement_response',
    advertisement: found && toAdvertisement(found.ad, actor.tenantId),
    index: found && isLive ? await loop.indexInLoop(deps, actor, found.place) : null,
    total,
    screen: screen && { id: screen.id, name: screen.name, online: screen.online },
    message: !found && total === 0 ? nothing : message,
  } as const
}

/** The loop is always the newest; this tells what changed in number since the caller asked before. */
export async function refresh(deps: Deps, actor: Actor, { limit }: z.output<typeof inputs.refresh>) {
  const count = await loop.countLoop(deps, actor)
  const before = await noteCount(deps, actor, count)
  const { items, nextCursor } = await livePage(deps, actor, { limit })
  return {
    type: 'refresh_response',
    old_count: before,
    new_count: count,
    message: before === count ? `${count} in the loop, as before` : `${count} in the loop; there were ${before}`,
    advertisements: items,
    next_cursor: nextCursor,
  } as const
}

async function namedScreen(deps: Deps, actor: Actor, id: string | undefined): Promise<Screen | null> {
  return id === undefined ? null : getScreen(deps, actor, { id })
}
