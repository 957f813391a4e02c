import type { Screen, screenList, updateScreen as updateInput } from '@marquee/shared/screens.ts'
import { offlineAfterMs } from '@marquee/shared/screens.ts'
import type { z } from 'zod'
import { type Actor, allow, ensureCan, type ScreenActor } from '../../access.ts'
import type { ScreenRow } from '../../db/rows.ts'
import type { Deps } from '../../deps.ts'
import { notFound } from '../../errors.ts'
import type { Events } from '../../events/events.ts'
import { isSecure } from '../../lib/base-url.ts'
import { makeCookie, readCookie } from '../../lib/cookies.ts'
import { credentialCache } from '../../lib/credential-cache.ts'
import { onePer } from '../../lib/one-per.ts'
import { hashToken } from '../../lib/secret.ts'
import { recordActivity } from '../activity/activity.usecases.ts'
import { announce, findNewestRevision } from '../live/announce.usecases.ts'
import { mediaUrl } from '../media/media.usecases.ts'
import { withSaid } from './reports.usecases.ts'
import * as queries from './screens.queries.ts'

const cookieName = 'marquee_screen'
/** The longest that browsers keep a cookie. */
const cookieAgeS = 400 * 24 * 60 * 60

/** The cookie that makes a browser a paired screen. */
export function deviceCookie(deps: Deps, token: string): string {
  return makeCookie(cookieName, token, { maxAge: cookieAgeS, secure: isSecure(deps) })
}

/** Device tokens that were looked up lately; forgotten as soon as somebody's access ends. */
const devices = onePer((events: Events) => {
  const cache = credentialCache<ScreenActor>({ lifeMs: 10_000, max: 5_000 })
  events.listen(({ kind, subjectId, tenantId }) => {
    if (kind === 'access.changed') cache.forget(subjectId ?? tenantId)
  })
  return cache
})

/** The screen whose device token these headers carry. */
export async function findScreenActor(deps: Deps, headers: Headers): Promise<ScreenActor | null> {
  const token = readCookie(headers, cookieName)
  if (!token || token.length > 200) return null
  const hash = hashToken(token)
  return devices(deps.events).find(hash, async () => {
    const row = await queries.findScreenByToken(deps.db.read, hash)
    if (!row) return null
    const { id, name, tenantId } = row
    return { value: { kind: 'screen', screenId: id, name, tenantId }, subjects: [id, tenantId] }
  })
}

/** False once the screen was revoked. */
export async function isPaired(deps: Deps, actor: ScreenActor): Promise<boolean> {
  return (await queries.findScreen(deps.db.read, actor.screenId)) !== null
}

export async function listScreens(deps: Deps, actor: Actor): Promise<z.output<typeof screenList>> {
  ensureCan(actor, 'screens:read')
  const revision = await findNewestRevision(deps, actor.tenantId)
  const rows = await queries.findScreens(deps.db.read, actor.tenantId)
  const items = await toScreens(deps, actor.tenantId, rows)
  return { items, revision, upToDate: items.filter((screen) => screen.revision === revision).length }
}

/** One screen, with the ad that it was told to play at once and did not begin with yet. */
export async function getScreen(
  deps: Deps,
  actor: Actor,
  { id }: { id: string },
): Promise<Screen & { readonly playNext: string | null }> {
  ensureCan(actor, 'screens:read')
  const row = await queries.findScreen(deps.db.read, id)
  if (row?.tenantId !== actor.tenantId) notHere(id)
  const screen = await toScreen(deps, row)
  const told = row.playNow && row.playNow.until > deps.clock.now().getTime() ? row.playNow.adId : null
  return { ...screen, playNext: told === screen.playing?.adId ? null : told }
}

/** What leaves the server of one screen. */
export async function toScreen(deps: Deps, row: ScreenRow): Promise<Screen> {
  const [screen] = await toScreens(deps, row.tenantId, [row])
  if (!screen) throw notFound('screen', row.id)
  return screen
}

async function toScreens(deps: Deps, tenantId: string, stored: readonly ScreenRow[]): Promise<Screen[]> {
  const rows = stored.map((row) => withSaid(deps, row))
  const ids = rows.flatMap(({ adId, problem }) => [adId, problem?.adId ?? null]).filter((id) => id !== null)
  const ads = new Map((await queries.findShownAds(deps.db.read, tenantId, [...new Set(ids)])).map((ad) => [ad.id, ad]))
  const posters = new Map<string, string>()
  for (const { posterKey } of ads.values()) if (posterKey) posters.set(posterKey, await mediaUrl(deps, posterKey))
  return rows.map((row) => describe(row, { ads, posters, now: deps.clock.now().getTime() }))
}

type Shown = {
  readonly ads: ReadonlyMap<string, queries.ShownAd>
  readonly posters: ReadonlyMap<string, string>
  readonly now: number
}

function describe(row: ScreenRow, { ads, posters, now }: Shown): Screen {
  const { id, name, orientation, muted, shuffle, revision, width, height, playerVersion, problem, lastSeenAt } = row
  const online = lastSeenAt !== null && now - lastSeenAt.getTime() < offlineAfterMs
  const ad = row.adId === null ? undefined : ads.get(row.adId)
  return {
    id,
    name,
    orientation,
    muted,
    shuffle,
    online,
    revision,
    width,
    height,
    playerVersion,
    lastSeenAt: lastSeenAt?.toISOString() ?? null,
    playing:
      ad && online
        ? { adId: ad.id, title: ad.title, fit: ad.fit, posterUrl: (ad.posterKey && posters.get(ad.posterKey)) || null }
        : null,
    problem: problem && {
      adId: problem.adId,
      title: (problem.adId && ads.get(problem.adId)?.title) || null,
      reason: problem.reason,
      at: new Date(problem.at).toISOString(),
    },
    createdAt: row.createdAt.toISOString(),
  }
}

export async function updateScreen(
  deps: Deps,
  actor: Actor,
  { id, ...input }: z.output<typeof updateInput>,
): Promise<Screen> {
  const row = await deps.db.write(async (tx) => {
    const screen = allow(actor, 'screens:write', (await queries.findScreen(tx, id)) ?? notHere(id))
    const changed = changesOf(screen, input)
    if (Object.keys(changed).length === 0) return screen
    await queries.changeScreen(tx, screen, changed)
    await recordActivity(deps, actor, {
      tx,
      action: 'screen.update',
      subject: { kind: 'screen', id, name: changed.name ?? screen.name },
      detail: changed,
    })
    const forScreens = Object.keys(changed).some((field) => field !== 'name')
    await announce(deps, { tx, tenantId: screen.tenantId, kind: 'screens.changed', subjectId: id, forScreens })
    return { ...screen, ...changed }
  })
  return toScreen(deps, row)
}

type Settings = Pick<ScreenRow, 'name' | 'orientation' | 'muted' | 'shuffle'>

function changesOf(screen: ScreenRow, input: { [K in keyof Settings]?: Settings[K] | undefined }): Partial<Settings> {
  const given = Object.entries(input).filter(
    ([field, value]) => value !== undefined && value !== screen[field as keyof Settings],
  )
  // Entries of `input`, so its names and types.
  return Object.fromEntries(given) as Partial<Settings>
}

/** Ends the screen's access: it returns to its code at once. */
export async function revokeScreen(deps: Deps, actor: Actor, { id }: { id: string }): Promise<{ id: string }> {
  await deps.db.write(async (tx) => {
    const screen = allow(actor, 'screens:write', (await queries.findScreen(tx, id)) ?? notHere(id))
    await queries.removeScreen(tx, screen)
    await recordActivity(deps, actor, {
      tx,
      action: 'screen.revoke',
      subject: { kind: 'screen', id, name: screen.name },
    })
    await announce(deps, { tx, tenantId: screen.tenantId, kind: 'access.changed', subjectId: id, forScreens: false })
    await announce(deps, { tx, tenantId: screen.tenantId, kind: 'screens.changed', subjectId: id, forScreens: false })
  })
  return { id }
}

function notHere(id: string): never {
  throw notFound('screen', id)
}

/** The names of screens that are there, by id; for whoever speaks about them. */
export async function findScreenNames(
  deps: Deps,
  tenantId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map()
  const rows = await queries.findScreens(deps.db.read, tenantId)
  return new Map(rows.filter(({ id }) => ids.includes(id)).map(({ id, name }) => [id, name]))
}
