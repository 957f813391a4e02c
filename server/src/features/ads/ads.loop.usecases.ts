import type { Ad } from '@marquee/shared/ads.ts'
import { cleanFileName } from '@marquee/shared/uploads.ts'
import type { Actor } from '../../access.ts'
import type { AdPlace } from '../../db/db.ts'
import type { Deps } from '../../deps.ts'
import { AppError, notFound } from '../../errors.ts'
import type { Events } from '../../events/events.ts'
import { BoundedMap } from '../../lib/bounded-map.ts'
import { onePer } from '../../lib/one-per.ts'
import { findNewestRevision } from '../live/announce.usecases.ts'
import * as queries from './ads.loop.queries.ts'
import { type AdWithAsset, findAds } from './ads.queries.ts'
import { toAd } from './ads.usecases.ts'

/** A live ad and its place in the order. */
export type InLoop = { readonly ad: Ad; readonly place: AdPlace }

const summaryLifeMs = 10_000
const maxNamesakes = 10

/** The live ad behind a place; at the end of the loop the first one. Null when nothing is live. */
export async function nextInLoop(deps: Deps, actor: Actor, after: AdPlace | null): Promise<InLoop | null> {
  const loop = liveNow(deps, actor)
  const { read } = deps.db
  const found =
    (await queries.findLiveAfter(read, { ...loop, after })) ??
    (after && (await queries.findLiveAfter(read, { ...loop, after: null })))
  return found && toInLoop(deps, found)
}

/** The ad at a place if it is live, else the one that took its place. */
export async function currentInLoop(deps: Deps, actor: Actor, at: AdPlace | null): Promise<InLoop | null> {
  const there = at && (await getInOrder(deps, actor, at.id))
  return there?.ad.state === 'live' ? there : nextInLoop(deps, actor, at)
}

/** An ad that is there, live or not, with its place. */
export async function getInOrder(deps: Deps, actor: Actor, id: string): Promise<InLoop | null> {
  const [found] = await findAds(deps.db.read, actor.tenantId, [id])
  return found && found.ad.removedAt === null ? toInLoop(deps, found) : null
}

/** Where an ad is in the order, also one that is not live; null when it is gone. */
export async function placeOf(deps: Deps, actor: Actor, id: string): Promise<AdPlace | null> {
  const [found] = await findAds(deps.db.read, actor.tenantId, [id])
  return found ? { position: found.ad.position, id } : null
}

export function countLoop(deps: Deps, actor: Actor): Promise<number> {
  return queries.countLive(deps.db.read, liveNow(deps, actor))
}

/** All ads that are there, in the loop or not. */
export function countAds(deps: Deps, actor: Actor): Promise<number> {
  return queries.countAds(deps.db.read, actor.tenantId)
}

/** How many live ads come before a place. */
export function indexInLoop(deps: Deps, actor: Actor, before: AdPlace): Promise<number> {
  return queries.countLiveBefore(deps.db.read, { ...liveNow(deps, actor), before })
}

/** The ids of everything that is live, in no order. */
export function listLiveIds(deps: Deps, actor: Actor): Promise<string[]> {
  return queries.findLiveIds(deps.db.read, liveNow(deps, actor))
}

/** Ads that are there, in the order of the ids. */
export async function getAds(deps: Deps, actor: Actor, ids: readonly string[]): Promise<Ad[]> {
  const rows = ids.length > 0 ? await findAds(deps.db.read, actor.tenantId, ids) : []
  const byId = new Map(rows.filter(({ ad }) => ad.removedAt === null).map((row) => [row.ad.id, row]))
  return Promise.all(ids.flatMap((id) => byId.get(id) ?? []).map(({ ad, asset }) => toAd(deps, ad, asset)))
}

/** The one ad whose file has this name. `conflict` names the ids where several have. */
export async function getAdByFileName(deps: Deps, actor: Actor, name: string): Promise<Ad> {
  const fileName = cleanFileName(name)
  const wanted = { tenantId: actor.tenantId, fileName, limit: maxNamesakes }
  const [found, ...others] = await queries.findByFileName(deps.db.read, wanted)
  if (!found) throw notFound('ad with the file', name)
  if (others.length === 0) return toAd(deps, found.ad, found.asset)
  const ids = [found, ...others].map(({ ad }) => ad.id).join(', ')
  throw new AppError('conflict', `Several ads have a file "${fileName}". Say which by its id: ${ids}`, {
    reason: 'file-name',
    detail: { ids },
  })
}

type Summary = Awaited<ReturnType<typeof queries.summarizeAds>>

const summaries = onePer((_: Events) => new BoundedMap<string, { at: number; rows: Promise<Summary> }>(1_000))

/** Numbers over all ads of the tenant. A large library is counted once per change and for ten seconds, not per question. */
export async function summarizeAds(deps: Deps, actor: Actor): Promise<Summary> {
  const known = summaries(deps.events)
  const loop = liveNow(deps, actor)
  const [key, at] = [`${actor.tenantId} ${await findNewestRevision(deps, actor.tenantId)}`, loop.now.getTime()]
  const before = known.get(key)
  if (before && Math.abs(at - before.at) < summaryLifeMs) return before.rows
  const made = { at, rows: queries.summarizeAds(deps.db.read, loop) }
  known.set(key, made)
  made.rows.catch(() => known.delete(key))
  return made.rows
}

function liveNow(deps: Deps, { tenantId }: Actor): queries.LiveNow {
  return { tenantId, now: deps.clock.now() }
}

async function toInLoop(deps: Deps, { ad, asset }: AdWithAsset): Promise<InLoop> {
  return { ad: await toAd(deps, ad, asset), place: { position: ad.position, id: ad.id } }
}
