import type { Asset } from '@marquee/shared/media.ts'
import type { Actor } from '../../access.ts'
import type { Tx } from '../../db/db.ts'
import type { AssetRow } from '../../db/rows.ts'
import type { Deps } from '../../deps.ts'
import { absoluteUrl } from '../../lib/base-url.ts'
import * as queries from './media.queries.ts'

/** Links to media live this long at least: longer than a screen is away for a night. */
export const linkLifeMs = 24 * 60 * 60 * 1000
const sweepPageSize = 500

/** What leaves the server of an asset. */
export async function toAsset(deps: Deps, row: AssetRow): Promise<Asset> {
  const { id, category, kind, type, fileName, size, sha256, width, height, durationMs } = row
  const hasSound = row.audioCodec !== null
  const createdAt = row.createdAt.toISOString()
  return {
    id,
    category,
    kind,
    type,
    fileName,
    size,
    sha256,
    width,
    height,
    durationMs,
    hasSound,
    url: await mediaUrl(deps, row.key, { fileName: row.fileName }),
    posterUrl: row.posterKey === null ? null : await mediaUrl(deps, row.posterKey),
    createdAt,
  }
}

/** An absolute URL of one stored object, good for `expiresIn` ms or longer, and the same one for a while so that caches hold it. */
export function mediaUrl(
  deps: Deps,
  key: string,
  options: { fileName?: string; expiresIn?: number } = {},
): string | Promise<string> {
  const { fileName, expiresIn = linkLifeMs } = options
  const link = deps.storage.url(key, fileName === undefined ? { expiresIn } : { expiresIn, filename: fileName })
  return typeof link === 'string' ? absoluteUrl(deps, link) : link.then((one) => absoluteUrl(deps, one))
}

/** Removes an asset that no ad shows any more: the row first, then the bytes, so that no row is ever without bytes. */
export async function removeAssetIfUnused(deps: Deps, unused: queries.Unused): Promise<boolean> {
  const row = await deps.db.write((tx) => queries.removeUnusedAsset(tx, unused))
  if (!row) return false
  await deps.storage.remove(row.posterKey === null ? [row.key] : [row.key, row.posterKey])
  return true
}

/** Removes assets for ads that were stored before an instant and never became one, or no longer are. */
export async function sweepAssets(deps: Deps, before: Date, signal: AbortSignal): Promise<void> {
  let after = ''
  for (;;) {
    signal.throwIfAborted()
    const ids = await queries.findOldAssetIds(deps.db.read, { after, before, limit: sweepPageSize })
    const shown = await queries.findShown(deps.db.read, ids)
    for (const id of ids) if (!shown.has(id)) await removeAssetIfUnused(deps, { id, since: before })
    const last = ids.at(-1)
    if (last === undefined) return
    after = last
  }
}

/** An asset of the actor's tenant. */
export async function getAsset(deps: Deps, actor: Actor, id: string): Promise<AssetRow | null> {
  const row = await queries.findAsset(deps.db.read, id)
  return row?.tenantId === actor.tenantId ? row : null
}

/** An asset of the actor's tenant that stays until the transaction ends. */
export async function holdAsset(tx: Tx, actor: Actor, id: string): Promise<AssetRow | null> {
  const row = await queries.findAsset(tx, id)
  return row?.tenantId === actor.tenantId ? queries.holdAsset(tx, id) : null
}

/** The tenant's asset with the same bytes, if there is one; it stays until the transaction ends. */
export async function findByBytes(tx: Tx, asset: AssetRow): Promise<AssetRow | null> {
  const same = await queries.findAssetByBytes(tx, asset)
  return same && queries.holdAsset(tx, same.id)
}

export async function storeAsset(tx: Tx, asset: AssetRow): Promise<AssetRow> {
  await queries.addAsset(tx, asset)
  return asset
}

/** Gives an asset without a poster this one. */
export async function usePoster(tx: Tx, asset: AssetRow, posterKey: string | null): Promise<AssetRow> {
  if (asset.posterKey !== null || posterKey === null) return asset
  await queries.setPoster(tx, asset.id, posterKey)
  return { ...asset, posterKey }
}

/** Those of the keys that belong to an asset of any tenant. */
export function knownMedia(deps: Deps, keys: readonly string[]): Promise<Set<string>> {
  return queries.findKnownKeys(deps.db.read, keys)
}
