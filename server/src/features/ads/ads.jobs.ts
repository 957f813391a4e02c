import { undoMs } from '@marquee/shared/ads.ts'
import { z } from 'zod'
import type { Deps } from '../../deps.ts'
import { removeAssetIfUnused } from '../media/media.usecases.ts'
import { deleteRemoved } from './ads.queries.ts'

const purge = z.object({ adIds: z.array(z.string()), assetIds: z.array(z.string()) })

/** Deletes removed ads for good once nobody can restore them, then the bytes that no other ad shows. */
export function registerAdJobs(deps: Deps): void {
  deps.jobs.handle('ads.purge', async ({ payload }) => {
    const { adIds, assetIds } = purge.parse(payload)
    const removedBy = new Date(deps.clock.now().getTime() - undoMs)
    await deps.db.write((tx) => deleteRemoved(tx, adIds, removedBy))
    // Of all the ads, also those that a first, broken run deleted; and an ad that was restored keeps its bytes.
    for (const assetId of assetIds) await removeAssetIfUnused(deps, assetId)
  })
}
