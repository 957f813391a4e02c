import type { Tx } from '../db/db.ts'

export type NewJob = {
  readonly kind: string
  /** At most one waiting job per kind and key: adding again moves its time. */
  readonly uniqueKey: string
  readonly payload?: Record<string, unknown>
  /** Default: now. */
  readonly runAt?: Date
}
export type Job = {
  readonly id: string
  readonly kind: string
  readonly payload: Record<string, unknown>
  readonly attempts: number
}
/** How much work of one kind waits. */
export type JobQueue = {
  readonly kind: string
  /** Due and not done. */
  readonly due: number
  /** How long the oldest of them is due, 0 where none is. */
  readonly oldestMs: number
  /** Given up after its last try. */
  readonly failed: number
}
/** Must be safe to run twice. A rejection is tried again with growing pauses, at most 10 times, then kept with its error. */
export type JobHandler = (job: Job, signal: AbortSignal) => Promise<void>

/**
 * Work for later that survives a restart.
 *
 * - A job added in a transaction exists if and only if that transaction commits.
 * - A due job runs at least once, on one process at a time; one whose process died runs again after its lock ends.
 * - `every` runs a kind periodically, on one process only, however many there are.
 * - `stop` waits for the running ones, at most `graceMs`, then aborts their signal.
 */
export type Jobs = {
  add(tx: Tx, job: NewJob): Promise<void>
  cancel(tx: Tx, kind: string, uniqueKey: string): Promise<void>
  handle(kind: string, handler: JobHandler): void
  every(kind: string, periodMs: number, handler: JobHandler): void
  start(): void
  /** Runs everything that is due at the clock's time and answers how many; tests use it instead of waiting. */
  runDue(): Promise<number>
  /** Of each kind that this process knows. */
  queues(): Promise<JobQueue[]>
  stop(graceMs?: number): Promise<void>
}
