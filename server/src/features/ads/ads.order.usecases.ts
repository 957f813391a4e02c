import type { moveAd as moveInput } from '@marquee/shared/ads.ts'
import type { z } from 'zod'
import { type Actor, allow } from '../../access.ts'
import type { Tx } from '../../db/db.ts'
import type { AdRow } from '../../db/rows.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { recordActivity } from '../activity/activity.usecases.ts'
import { announceAds } from './ads.announce.usecases.ts'
import { findBehind, type Place, setPosition } from './ads.order.queries.ts'
import { holdAds } from './ads.queries.ts'
import { getForChange, toAd } from './ads.usecases.ts'

/** Positions nearer than this are spread before one goes between them: far above what a double can still halve. */
const minGap = 1e-6
const spreadStep = 64

/** Puts the ad right behind another one, or first. Places are numbers with room between, so one row changes. */
export async function moveAd(deps: Deps, actor: Actor, { id, after }: z.output<typeof moveInput>) {
  if (id === after)
    throw new AppError('bad-input', 'An ad can not follow itself. Name another one in "after"', {
      detail: { field: 'after' },
    })
  const { moved, revision } = await deps.db.write(async (tx) => {
    await holdAds(tx, actor.tenantId)
    const { ad, asset } = await getForChange(tx, actor, id)
    const before = after === null ? null : (await getForChange(tx, actor, after)).ad
    const row = { ...ad, position: await freePlace(tx, actor, { ad, before }) }
    await setPosition(tx, allow(actor, 'ads:write', row), row.position)
    await recordActivity(deps, actor, {
      tx,
      action: 'ad.move',
      subject: { kind: 'ad', id, name: ad.title },
      detail: { after },
    })
    return { moved: { row, asset }, revision: await announceAds(deps, { tx, tenantId: actor.tenantId, subjectId: id }) }
  })
  return { ad: await toAd(deps, moved.row, moved.asset), revision }
}

/** The middle between an ad and its follower; where there is no room left, the followers are spread first. */
async function freePlace(tx: Tx, actor: Actor, { ad, before }: { ad: AdRow; before: Place | null }): Promise<number> {
  const behind = (limit: number) => findBehind(tx, actor.tenantId, { place: before, without: ad.id, limit })
  const [next] = await behind(1)
  if (!next) return (before?.position ?? 0) + 1
  const start = before?.position ?? next.position - 2
  const middle = (start + next.position) / 2
  if (next.position - start >= minGap) return middle
  for (let count = spreadStep; ; count *= 4) {
    const followers = await behind(count + 1)
    const end = followers.length > count ? followers[count] : undefined
    const step = end ? (end.position - start) / (count + 2) : 1
    if (step < minGap) continue
    const crowd = end ? followers.slice(0, count) : followers
    // The first step is the free place.
    for (const [at, place] of crowd.entries()) {
      await setPosition(tx, allow(actor, 'ads:write', { ...place, tenantId: actor.tenantId }), start + step * (at + 2))
    }
    return start + step
  }
}
