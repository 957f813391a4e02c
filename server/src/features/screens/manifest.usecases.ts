import type { Manifest, ManifestItem } from '@marquee/shared/manifest.ts'
import type { ScreenActor } from '../../access.ts'
import type { ScreenRow } from '../../db/rows.ts'
import type { Deps } from '../../deps.ts'
import type { Events } from '../../events/events.ts'
import { BoundedMap } from '../../lib/bounded-map.ts'
import { onePer } from '../../lib/one-per.ts'
import { findShowable, listPlayable } from '../ads/ads.usecases.ts'
import { linkLifeMs, mediaUrl } from '../media/media.usecases.ts'
import { noLongerPaired } from './reports.usecases.ts'
import { findScreenAndRevision } from './screens.queries.ts'

/** Items are shared this long; their links then still live for half of `linkLifeMs`. */
const sharedForMs = linkLifeMs / 2
/** A screen fetches anew this long before its links end. */
const refreshEarlyMs = 60 * 60 * 1000

type Playable = Awaited<ReturnType<typeof listPlayable>>[number]
type Items = { readonly builtAt: number; readonly items: Promise<ManifestItem[]> }

/** Of a thousand screens that ask at once, the first one has the items built. */
const shared = onePer((_events: Events) => new BoundedMap<string, Items>(200))

/** What this screen must have and play. */
export async function getManifest(deps: Deps, actor: ScreenActor): Promise<Manifest> {
  // The revision first: items that are read later can only be newer than what they claim, and then a newer one follows.
  const found = await findScreenAndRevision(deps.db.read, actor.screenId)
  if (!found) throw noLongerPaired()
  const { screen, revision, pictureDurationMs } = found
  const { builtAt, items } = shareItems(deps, { tenantId: screen.tenantId, revision, pictureDurationMs })
  return {
    version: 1,
    revision,
    screen: {
      id: screen.id,
      name: screen.name,
      orientation: screen.orientation,
      muted: screen.muted,
      shuffle: screen.shuffle,
    },
    items: await items,
    now: await getNow(deps, screen, pictureDurationMs),
    serverTime: deps.clock.now().getTime(),
    refreshBefore: builtAt + linkLifeMs - refreshEarlyMs,
  }
}

/** What the screen was told to show at once, as long as it may still begin with it and the ad is there. */
async function getNow(
  deps: Deps,
  { playNow, tenantId }: ScreenRow,
  pictureDurationMs: number,
): Promise<Manifest['now']> {
  if (!playNow || playNow.until <= deps.clock.now().getTime()) return null
  const found = await findShowable(deps, tenantId, playNow.adId)
  return found && { id: playNow.id, item: await toItem(deps, found, pictureDurationMs), until: playNow.until }
}

type Wanted = { readonly tenantId: string; readonly revision: number; readonly pictureDurationMs: number }

function shareItems(deps: Deps, { tenantId, revision, pictureDurationMs }: Wanted): Items {
  const cache = shared(deps.events)
  const key = JSON.stringify([tenantId, revision, pictureDurationMs, deps.baseUrl])
  const now = deps.clock.now().getTime()
  const known = cache.get(key)
  if (known && Math.abs(now - known.builtAt) < sharedForMs) return known
  const made = { builtAt: now, items: buildItems(deps, tenantId, pictureDurationMs) }
  cache.set(key, made)
  // What failed is tried again by the next one who asks.
  made.items.catch(() => cache.get(key) === made && cache.delete(key))
  return made
}

async function buildItems(deps: Deps, tenantId: string, pictureDurationMs: number): Promise<ManifestItem[]> {
  const playable = await listPlayable(deps, tenantId)
  return Promise.all(playable.map((one) => toItem(deps, one, pictureDurationMs)))
}

async function toItem(deps: Deps, { ad, asset }: Playable, pictureDurationMs: number): Promise<ManifestItem> {
  const durationMs = asset.kind === 'film' ? asset.durationMs : ad.durationMs
  return {
    adId: ad.id,
    title: ad.title,
    kind: asset.kind,
    type: asset.type,
    url: await mediaUrl(deps, asset.key, { fileName: asset.fileName }),
    size: asset.size,
    sha256: asset.sha256,
    durationMs: durationMs ?? pictureDurationMs,
    fit: ad.fit,
    volume: ad.volume,
    validFrom: ad.validFrom?.getTime() ?? null,
    validUntil: ad.validUntil?.getTime() ?? null,
  }
}
