import { undoMs } from '@marquee/shared/ads.ts'
import { uploadLifetimeMs } from '@marquee/shared/uploads.ts'
import { z } from 'zod'
import type { Deps } from '../../deps.ts'
import { removeAssetIfUnused, sweepAssets } from '../media/media.usecases.ts'
import { deleteRemoved } from './ads.queries.ts'

const purge = z.object({
  adIds: z.array(z.string()),
  assetIds: z.array(z.string()),
  removedAt: z.coerce.date().optional(),
})
const sweepPeriodMs = 60 * 60 * 1000

/** Deletes removed ads for good once nobody can restore them, then the bytes that no ad shows. */
export function registerAdJobs(deps: Deps): void {
  deps.jobs.handle('ads.purge', async ({ payload }) => {
    const { adIds, assetIds, removedAt } = purge.parse(payload)
    const removedBy = new Date(deps.clock.now().getTime() - undoMs)
    await deps.db.write((tx) => deleteRemoved(tx, adIds, removedBy))
    // Of all the ads, also those that a first, broken run deleted; and an ad that was restored keeps its bytes.
    for (const id of assetIds) await removeAssetIfUnused(deps, { id, since: removedAt ?? removedBy })
  })
  // As long as an upload has to become whole, it has to become an ad.
  deps.jobs.every('ads.sweep-assets', sweepPeriodMs, (_, signal) =>
    sweepAssets(deps, new Date(deps.clock.now().getTime() - uploadLifetimeMs), signal),
  )
}
