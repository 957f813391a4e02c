import type { Deps } from '../../deps.ts'
import { sweepPairings } from './pairing.usecases.ts'

const sweepPeriodMs = 10 * 60 * 1000

/** Background work of screens. */
export function registerScreenJobs(deps: Deps): void {
  deps.jobs.every('screens.sweep-pairings', sweepPeriodMs, async () => void (await sweepPairings(deps)))
}
