import type { Deps } from '../../deps.ts'
import { sweepCursors } from './agents.cursor.usecases.ts'

const periodMs = 24 * 60 * 60 * 1000

export function registerAgentJobs(deps: Deps): void {
  deps.jobs.every('agents.sweep-cursors', periodMs, () => sweepCursors(deps))
}
