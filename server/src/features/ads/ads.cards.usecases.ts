import type { Deps } from '../../deps.ts'
import { mediaUrl } from '../media/media.usecases.ts'
import { findAds } from './ads.queries.ts'

/** Title and picture of ads that are there, by id; for whoever speaks about them. */
export async function findAdCards(
  deps: Deps,
  tenantId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, { name: string; posterUrl: string | null }>> {
  if (ids.length === 0) return new Map()
  const found = (await findAds(deps.db.read, tenantId, ids)).filter(({ ad }) => ad.removedAt === null)
  const cards = found.map(async ({ ad, asset }) => {
    const key = asset.posterKey ?? (asset.kind === 'picture' ? asset.key : null)
    return [ad.id, { name: ad.title, posterUrl: key === null ? null : await mediaUrl(deps, key) }] as const
  })
  return new Map(await Promise.all(cards))
}
