import type { Deps } from '../../deps.ts'
import { sweepPairings } from './pairing.usecases.ts'
import { sweepPlays } from './plays.usecases.ts'

const sweepPeriodMs = 10 * 60 * 1000
const dayMs = 24 * 60 * 60 * 1000

/** Background work of screens. */
export function registerScreenJobs(deps: Deps): void {
  deps.jobs.every('screens.sweep-pairings', sweepPeriodMs, async () => void (await sweepPairings(deps)))
  deps.jobs.every('screens.sweep-plays', dayMs, () => sweepPlays(deps))
}
