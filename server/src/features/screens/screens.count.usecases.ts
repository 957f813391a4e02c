import { offlineAfterMs } from '@marquee/shared/screens.ts'
import type { Deps } from '../../deps.ts'
import { countScreenRows } from './screens.count.queries.ts'

/** Screens of the whole installation, for the operator. */
export async function countScreens(deps: Deps): Promise<{ paired: number; online: number }> {
  const since = new Date(deps.clock.now().getTime() - offlineAfterMs)
  const [paired, online] = await Promise.all([
    countScreenRows(deps.db.read, null),
    countScreenRows(deps.db.read, since),
  ])
  return { paired, online }
}
