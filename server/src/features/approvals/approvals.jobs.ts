import type { Deps } from '../../deps.ts'
import { removeOldApprovals } from './approvals.queries.ts'

const periodMs = 60 * 60 * 1000
const keptMs = 7 * 24 * 60 * 60 * 1000

/** Approvals that are long over go; the activity keeps what was decided. */
export function registerApprovalJobs(deps: Deps): void {
  deps.jobs.every('approvals.purge', periodMs, () =>
    deps.db.write((tx) => removeOldApprovals(tx, new Date(deps.clock.now().getTime() - keptMs))),
  )
}
