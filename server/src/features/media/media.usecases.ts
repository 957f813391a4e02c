import type { Asset } from '@marquee/shared/media.ts'
import type { Actor } from '../../access.ts'
import type { Tx } from '../../db/db.ts'
import type { AssetRow } from '../../db/rows.ts'
import type { Deps } from '../../deps.ts'
import { absoluteUrl } from '../../lib/base-url.ts'
import { addAsset, findAsset, findAssetByBytes, findKnownKeys, removeUnusedAsset, setPoster } from './media.queries.ts'

/** Links to media live this long at least: longer than a screen is away for a night. */
export const linkLifeMs = 24 * 60 * 60 * 1000

/** What leaves the server of an asset. */
export async function toAsset(deps: Deps, row: AssetRow): Promise<Asset> {
  const [url, posterUrl] = await Promise.all([
    mediaUrl(deps, row.key, { fileName: row.fileName }),
    row.posterKey === null ? null : mediaUrl(deps, row.posterKey),
  ])
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
    url,
    posterUrl,
    createdAt,
  }
}

/** An absolute URL of one stored object, good for `expiresIn` ms or longer, and the same one for a while so that caches hold it. */
export async function mediaUrl(
  deps: Deps,
  key: string,
  options: { fileName?: string; expiresIn?: number } = {},
): Promise<string> {
  const { fileName, expiresIn = linkLifeMs } = options
  const url = await deps.storage.url(key, { expiresIn, ...(fileName !== undefined && { filename: fileName }) })
  return absoluteUrl(deps, url)
}

/** Removes an asset that no ad shows any more: the row first, then the bytes, so that no row is ever without bytes. */
export async function removeAssetIfUnused(deps: Deps, assetId: string): Promise<boolean> {
  const row = await deps.db.write((tx) => removeUnusedAsset(tx, assetId))
  if (!row) return false
  await deps.storage.remove(row.posterKey === null ? [row.key] : [row.key, row.posterKey])
  return true
}

/** An asset of the actor's tenant. */
export async function getAsset(deps: Deps, actor: Actor, id: string): Promise<AssetRow | null> {
  const row = await findAsset(deps.db.read, id)
  return row?.tenantId === actor.tenantId ? row : null
}

/** The tenant's asset with the same bytes, if there is one. */
export function findByBytes(tx: Tx, asset: AssetRow): Promise<AssetRow | null> {
  return findAssetByBytes(tx, asset)
}

export async function storeAsset(tx: Tx, asset: AssetRow): Promise<AssetRow> {
  await addAsset(tx, asset)
  return asset
}

/** Gives an asset without a poster this one. */
export async function usePoster(tx: Tx, asset: AssetRow, posterKey: string | null): Promise<AssetRow> {
  if (asset.posterKey !== null || posterKey === null) return asset
  await setPoster(tx, asset.id, posterKey)
  return { ...asset, posterKey }
}

/** Those of the keys that belong to an asset of any tenant. */
export function knownMedia(deps: Deps, keys: readonly string[]): Promise<Set<string>> {
  return findKnownKeys(deps.db.read, keys)
}
