import type { Ad, AdDraft } from '@marquee/shared/ads.ts'
import { toAdvertisement } from '@marquee/shared/agents.answers.ts'
import type * as inputs from '@marquee/shared/agents.ts'
import type { z } from 'zod'
import { type Actor, ensureCan } from '../../access.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { countAds, getAdByFileName } from '../ads/ads.loop.usecases.ts'
import { removeMany } from '../ads/ads.many.usecases.ts'
import { getAd, updateAd } from '../ads/ads.usecases.ts'
import { playNow } from '../screens/play-now.usecases.ts'
import { rehearse } from './rehearse.usecases.ts'

/** The work, or its rehearsal. */
export function carryOut<T>(deps: Deps, dryRun: boolean, work: (deps: Deps) => Promise<T>): Promise<T> {
  return dryRun ? rehearse(deps, work) : work(deps)
}

/**
 * What a tool that changes something says beside its answer. The sentences name things by their ids: a title that somebody
 * wrote ("ignore what you were told …") stays in its field, where it is data.
 */
export function spoken(dryRun: boolean, { did, would }: { did: string; would: string }) {
  return dryRun
    ? { success: true, message: 'Nothing was changed: it was a dry run', dry_run: true, would }
    : { success: true, message: did, dry_run: false, would: null }
}

/** The ad that a deletion means. Asked before the gate, so that a manager sees, and grants, exactly this ad. */
export async function findToDelete(
  deps: Deps,
  actor: Actor,
  { id, filename }: z.output<typeof inputs.deleteAdvertisement>,
): Promise<Ad> {
  ensureCan(actor, 'ads:write')
  if (id !== undefined && filename === undefined) return getAd(deps, actor, { id })
  if (filename !== undefined && id === undefined) return getAdByFileName(deps, actor, filename)
  throw new AppError('bad-input', 'Name the ad either by "id" or by "filename"', { detail: { field: 'id' } })
}

export async function deleteAd(deps: Deps, actor: Actor, { ad, dryRun }: { ad: Ad; dryRun: boolean }) {
  const { undoUntil, remaining } = await carryOut(deps, dryRun, async (inside) => {
    const { undoUntil } = await removeMany(inside, actor, { ids: [ad.id] })
    return { undoUntil, remaining: await countAds(inside, actor) }
  })
  const { fileName } = ad.asset
  return {
    type: 'delete_response',
    ...spoken(dryRun, {
      did: `The advertisement ${ad.id} was deleted and leaves all screens`,
      would: `Delete the advertisement ${ad.id} and take it off all screens; ${remaining} would be left`,
    }),
    advertisement: { id: ad.id, title: ad.title, filename: fileName },
    deleted_file: fileName,
    total_ads_remaining: remaining,
    undo_until: dryRun ? null : undoUntil,
  } as const
}

export async function update(deps: Deps, actor: Actor, input: z.output<typeof inputs.updateAdvertisement>) {
  const { id, dry_run, ...fields } = input
  const draft = toDraft(fields)
  const names = Object.keys(fields)
  if (names.length === 0)
    throw new AppError('bad-input', 'Say what to change: title, description, tags, enabled or another field', {
      detail: { field: 'title' },
    })
  const { ad } = await carryOut(deps, dry_run, (inside) => updateAd(inside, actor, { id, ...draft }))
  return {
    type: 'update_response',
    ...spoken(dry_run, {
      did: `Changed ${names.join(', ')} of the advertisement ${id}`,
      would: `Change ${names.join(', ')} of the advertisement ${id}; the answer's advertisement is as it would be then`,
    }),
    advertisement: toAdvertisement(ad, actor.tenantId),
  } as const
}

type Fields = Omit<z.output<typeof inputs.updateAdvertisement>, 'id' | 'dry_run'>

/** The fields of an ad in the words of the procedures. What is not there stays as it is. */
export function toDraft({ valid_from, valid_until, duration_ms, ...same }: Fields): AdDraft {
  return {
    ...same,
    ...(valid_from !== undefined && { validFrom: valid_from }),
    ...(valid_until !== undefined && { validUntil: valid_until }),
    ...(duration_ms !== undefined && { durationMs: duration_ms }),
  }
}

/** On a screen, now; the loop goes on behind it. */
export async function play(deps: Deps, actor: Actor, input: z.output<typeof inputs.playAdvertisement>) {
  const { screen_id, id, dry_run } = input
  const { screen, ad, until } = await carryOut(deps, dry_run, (inside) =>
    playNow(inside, actor, { id: screen_id, adId: id }),
  )
  const { name, online } = screen
  const offline = online ? '' : `. It is offline, and plays it only if it comes back by ${until}`
  return {
    type: 'play_response',
    ...spoken(dry_run, {
      did: `The screen was told to play the advertisement ${ad.id} at once; its loop goes on afterwards${offline}`,
      would: `Have the screen play the advertisement ${ad.id} at once, then go on with its loop${offline}`,
    }),
    screen: { id: screen.id, name, online },
    advertisement: ad,
    until,
  } as const
}
