import type { Ad, AdDraft, createAd as createInput, updateAd as updateInput } from '@marquee/shared/ads.ts'
import { stateAt } from '@marquee/shared/ads.ts'
import type { z } from 'zod'
import { type Actor, allow } from '../../access.ts'
import type { Tx } from '../../db/db.ts'
import type { AdRow, AssetRow } from '../../db/rows.ts'
import type { Deps } from '../../deps.ts'
import { AppError, notFound } from '../../errors.ts'
import { newId } from '../../lib/id.ts'
import { recordActivity } from '../activity/activity.usecases.ts'
import { holdAsset, toAsset } from '../media/media.usecases.ts'
import { ensureQuota } from '../tenants/quota.usecases.ts'
import { announceAds } from './ads.announce.usecases.ts'
import { blankAd, changeAd } from './ads.draft.usecases.ts'
import type { AdWithAsset } from './ads.queries.ts'
import * as queries from './ads.queries.ts'

/** What leaves the server of an ad. */
export async function toAd(deps: Deps, row: AdRow, assetRow: AssetRow): Promise<Ad> {
  const { id, title, description, tags, enabled, durationMs, fit, volume } = row
  const [validFrom, validUntil] = [row.validFrom?.getTime() ?? null, row.validUntil?.getTime() ?? null]
  return {
    id,
    title,
    description,
    tags,
    enabled,
    validFrom: row.validFrom?.toISOString() ?? null,
    validUntil: row.validUntil?.toISOString() ?? null,
    durationMs,
    fit,
    volume,
    asset: await toAsset(deps, assetRow),
    state: stateAt({ enabled, validFrom, validUntil }, deps.clock.now().getTime()),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }
}

/** What screens of the tenant have to have, in order: enabled and not over; those valid later are included. */
export function listPlayable(deps: Deps, tenantId: string): Promise<AdWithAsset[]> {
  return queries.findPlayable(deps.db.read, tenantId, deps.clock.now())
}

/** An ad of the tenant that can be shown, in the loop or not: one that is not removed. */
export async function findShowable(deps: Deps, tenantId: string, id: string): Promise<AdWithAsset | null> {
  const [found] = await queries.findAds(deps.db.read, tenantId, [id])
  return found?.ad.removedAt === null ? found : null
}

export async function getAd(deps: Deps, actor: Actor, { id }: { id: string }): Promise<Ad> {
  const [found] = await queries.findAds(deps.db.read, actor.tenantId, [id])
  if (!found || found.ad.removedAt !== null) throw notFound('ad', id)
  return toAd(deps, found.ad, found.asset)
}

export type NewAd = { readonly tx: Tx; readonly asset: AssetRow; readonly draft: AdDraft }

/**
 * Adds an ad of this asset at the end of the order, inside the caller's transaction, and notes the activity. It does not
 * announce itself: the caller does, once, as the last thing in its transaction (`ads.changed`, for screens).
 */
export async function addAd(deps: Deps, actor: Actor, { tx, asset, draft }: NewAd): Promise<AdRow> {
  allow(actor, 'ads:write', asset)
  if (asset.category !== 'ads') {
    throw new AppError('bad-input', `The file "${asset.fileName}" is not for ads. Upload it with the category "ads"`)
  }
  await queries.holdAds(tx, actor.tenantId)
  await ensureQuota(deps, tx, { tenantId: actor.tenantId, kind: 'ads', more: 1 })
  const position = (await queries.lastPosition(tx, actor.tenantId)) + 1
  const row = changeAd(blankAd(asset, { id: newId(), position, now: deps.clock.now() }), draft)
  await queries.insertAd(tx, row, asset)
  await recordActivity(deps, actor, { tx, action: 'ad.create', subject: { kind: 'ad', id: row.id, name: row.title } })
  return row
}

/** Makes an ad of bytes that were uploaded before. */
export async function createAd(deps: Deps, actor: Actor, input: z.output<typeof createInput>) {
  const { assetId, ...draft } = input
  const { row, asset, revision } = await deps.db.write(async (tx) => {
    const asset = await holdAsset(tx, actor, assetId)
    if (!asset) throw notFound('asset', assetId)
    const row = await addAd(deps, actor, { tx, asset, draft })
    return { row, asset, revision: await announceAds(deps, { tx, tenantId: actor.tenantId, subjectId: row.id }) }
  })
  return { ad: await toAd(deps, row, asset), revision }
}

export async function updateAd(deps: Deps, actor: Actor, input: z.output<typeof updateInput>) {
  const { id, ...draft } = input
  const { row, asset, revision } = await deps.db.write(async (tx) => {
    await queries.holdAds(tx, actor.tenantId)
    const { ad, asset } = await getForChange(tx, actor, id)
    const row = allow(actor, 'ads:write', { ...changeAd(ad, draft), updatedAt: deps.clock.now() })
    await queries.saveAd(tx, row, asset)
    await recordActivity(deps, actor, {
      tx,
      action: 'ad.update',
      subject: { kind: 'ad', id, name: row.title },
      detail: draft,
    })
    return { row, asset, revision: await announceAds(deps, { tx, tenantId: actor.tenantId, subjectId: id }) }
  })
  return { ad: await toAd(deps, row, asset), revision }
}

/** An ad of the actor's tenant that is not removed, inside a change. */
export async function getForChange(tx: Tx, actor: Actor, id: string): Promise<AdWithAsset> {
  const [found] = await queries.findAds(tx, actor.tenantId, [id])
  if (!found || found.ad.removedAt !== null) throw notFound('ad', id)
  return found
}
