import type { Deps } from '../../deps.ts'
import { sweepAnswers } from './idempotency.usecases.ts'

const hourMs = 60 * 60 * 1000

export function registerIdempotencyJobs(deps: Deps): void {
  deps.jobs.every('idempotency.sweep', hourMs, () => sweepAnswers(deps))
}
