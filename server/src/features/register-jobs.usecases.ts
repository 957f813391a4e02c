import type { Deps } from '../deps.ts'
import { registerAdJobs } from './ads/ads.jobs.ts'
import { registerAgentJobs } from './agents/agents.jobs.ts'
import { registerApprovalJobs } from './approvals/approvals.jobs.ts'
import { registerIdempotencyJobs } from './idempotency/idempotency.jobs.ts'
import { registerScreenJobs } from './screens/screens.jobs.ts'
import { registerUploadJobs } from './uploads/uploads.jobs.ts'

const eventLifetimeMs = 7 * 24 * 60 * 60 * 1000
const hourMs = 60 * 60 * 1000

/** Every kind of background work, in one list. */
export function registerJobs(deps: Deps): void {
  registerAdJobs(deps)
  registerAgentJobs(deps)
  registerApprovalJobs(deps)
  registerIdempotencyJobs(deps)
  registerScreenJobs(deps)
  registerUploadJobs(deps)
  deps.jobs.every(
    'events.purge',
    hourMs,
    async () => void (await deps.events.purge(new Date(deps.clock.now().getTime() - eventLifetimeMs))),
  )
}
