import type { Action } from '@marquee/shared/activity.ts'
import {
  maxTags,
  type removeMany as removeInput,
  type restoreMany as restoreInput,
  type setManyEnabled as setInput,
  type tagMany as tagInput,
  undoMs,
} from '@marquee/shared/ads.ts'
import type { z } from 'zod'
import { type Actor, type Allowed, allow } from '../../access.ts'
import type { Tx } from '../../db/db.ts'
import type { AdRow } from '../../db/rows.ts'
import type { Deps } from '../../deps.ts'
import { AppError, notFound } from '../../errors.ts'
import { newId } from '../../lib/id.ts'
import { recordActivity } from '../activity/activity.usecases.ts'
import { ensureQuota } from '../tenants/quota.usecases.ts'
import { announceAds } from './ads.announce.usecases.ts'
import type { AdWithAsset } from './ads.queries.ts'
import * as queries from './ads.queries.ts'
import { toAd } from './ads.usecases.ts'

type Found = { ad: Allowed<AdRow>; asset: AdWithAsset['asset'] }
type ManyChange = {
  readonly ids: readonly string[]
  readonly action: Action
  readonly detail?: Record<string, unknown>
  /** Which ads can be meant: those that are there, or also removed ones. */
  readonly among: 'present' | 'removed-too'
  readonly change: (tx: Tx, found: readonly Found[]) => Promise<void>
}

/** Changes all or, where one id is not an ad of the tenant, none. */
async function changeMany(deps: Deps, actor: Actor, { ids, action, detail = {}, among, change }: ManyChange) {
  return deps.db.write(async (tx) => {
    await queries.holdAds(tx, actor.tenantId)
    const found = await findAll(tx, actor, { ids, among })
    await change(tx, found)
    for (const { ad } of found) {
      await recordActivity(deps, actor, { tx, action, subject: { kind: 'ad', id: ad.id, name: ad.title }, detail })
    }
    const subjectId = ids.length === 1 ? (ids[0] ?? null) : null
    return announceAds(deps, { tx, tenantId: actor.tenantId, subjectId })
  })
}

/** In the order of the ids, each once. */
async function findAll(tx: Tx, actor: Actor, { ids, among }: Pick<ManyChange, 'ids' | 'among'>): Promise<Found[]> {
  const rows = await queries.findAds(tx, actor.tenantId, ids)
  const byId = new Map(rows.map((row) => [row.ad.id, row]))
  return [...new Set(ids)].map((id) => {
    const row = byId.get(id)
    if (!row || (among === 'present' && row.ad.removedAt !== null)) throw notFound('ad', id)
    return { ad: allow(actor, 'ads:write', row.ad), asset: row.asset }
  })
}

/** The ads as they are after a change, in the order of the ids. */
async function changed(deps: Deps, actor: Actor, { ids, revision }: { ids: readonly string[]; revision: number }) {
  const rows = await queries.findAds(deps.db.read, actor.tenantId, ids)
  const byId = new Map(rows.map((row) => [row.ad.id, row]))
  const kept = [...new Set(ids)].flatMap((id) => byId.get(id) ?? [])
  return { ads: await Promise.all(kept.map(({ ad, asset }) => toAd(deps, ad, asset))), revision }
}

export async function setManyEnabled(deps: Deps, actor: Actor, { ids, enabled }: z.output<typeof setInput>) {
  const revision = await changeMany(deps, actor, {
    ids,
    action: enabled ? 'ad.enable' : 'ad.disable',
    among: 'present',
    change: (tx, found) => {
      const rows = found.map(({ ad }) => ad)
      return queries.setEnabled(tx, rows, { enabled, updatedAt: deps.clock.now() })
    },
  })
  return changed(deps, actor, { ids, revision })
}

export async function tagMany(deps: Deps, actor: Actor, input: z.output<typeof tagInput>) {
  const { ids, add, remove } = input
  const revision = await changeMany(deps, actor, {
    ids,
    action: 'ad.tag',
    detail: { add, remove },
    among: 'present',
    change: async (tx, found) => {
      for (const { ad, asset } of found) {
        const tags = [...new Set([...ad.tags.filter((tag) => !remove.includes(tag)), ...add])]
        if (tags.length > maxTags) {
          throw new AppError(
            'bad-input',
            `The ad "${ad.title}" would have more than ${maxTags} tags. Remove some first`,
            {
              reason: 'tags',
              detail: { adId: ad.id, max: maxTags },
            },
          )
        }
        await queries.saveAd(tx, allow(actor, 'ads:write', { ...ad, tags, updatedAt: deps.clock.now() }), asset)
      }
    },
  })
  return changed(deps, actor, { ids, revision })
}

/** Takes ads out of every list and off every screen. They can be restored for `undoMs`; then a job deletes them. */
export async function removeMany(deps: Deps, actor: Actor, { ids }: z.output<typeof removeInput>) {
  const now = deps.clock.now()
  const undoUntil = new Date(now.getTime() + undoMs)
  const revision = await changeMany(deps, actor, {
    ids,
    action: 'ad.remove',
    among: 'present',
    change: async (tx, found) => {
      await queries.setRemoved(
        tx,
        found.map(({ ad }) => ad),
        now,
      )
      const payload = {
        adIds: found.map(({ ad }) => ad.id),
        assetIds: [...new Set(found.map(({ asset }) => asset.id))],
        removedAt: now.toISOString(),
      }
      await deps.jobs.add(tx, { kind: 'ads.purge', uniqueKey: newId(), payload, runAt: undoUntil })
    },
  })
  return { ids: [...new Set(ids)], undoUntil: undoUntil.toISOString(), revision }
}

/** Brings removed ads back to their places in the order. One that was not removed stays as it is. */
export async function restoreMany(deps: Deps, actor: Actor, { ids }: z.output<typeof restoreInput>) {
  const since = deps.clock.now().getTime() - undoMs
  const revision = await changeMany(deps, actor, {
    ids,
    action: 'ad.restore',
    among: 'removed-too',
    change: async (tx, found) => {
      const late = found.find(({ ad }) => ad.removedAt !== null && ad.removedAt.getTime() <= since)
      if (late)
        throw new AppError('gone', `The ad "${late.ad.title}" was deleted more than ${undoMs / 1000} s ago`, {
          detail: { what: 'ad' },
        })
      const back = found.filter(({ ad }) => ad.removedAt !== null).length
      if (back > 0) await ensureQuota(deps, tx, { tenantId: actor.tenantId, kind: 'ads', more: back })
      await queries.setRestored(tx, found)
    },
  })
  return changed(deps, actor, { ids, revision })
}
