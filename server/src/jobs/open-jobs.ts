import type { Db, Tx } from '../db/db.ts'
import type { Row } from '../db/rows.ts'
import {
  addJob,
  claimJob,
  countJobs,
  findNextDue,
  findPlannedKinds,
  maxAttempts,
  postponeJob,
  removeJob,
  removeJobByKey,
} from './jobs.rows.ts'
import type { JobHandler, JobQueue, Jobs, NewJob } from './jobs.ts'

const lockMs = 5 * 60 * 1000
/** Jobs of other processes are found at the latest after this long. */
const longestNapMs = 5_000
const shortestNapMs = 50

type RunnerDeps = {
  readonly db: Db
  readonly clock: { now(): Date }
  readonly log: { error(facts: object, text: string): void }
}

/** Jobs in the table `jobs`, the same for SQLite and Postgres. */
export function openJobs(deps: RunnerDeps): Jobs {
  return new JobRunner(deps)
}

/** Runs one job at a time per process: they are small, and two cores have screens to serve. */
class JobRunner implements Jobs {
  readonly #deps: RunnerDeps
  readonly #handlers = new Map<string, JobHandler>()
  readonly #periods = new Map<string, number>()
  readonly #planned = new Set<string>()
  readonly #stopping = new AbortController()
  #running: Promise<number> | null = null
  #timer: NodeJS.Timeout | undefined
  #started = false

  constructor(deps: RunnerDeps) {
    this.#deps = deps
  }

  add = (tx: Tx, job: NewJob) => addJob(tx, job, this.#deps.clock.now())
  cancel = removeJobByKey

  handle(kind: string, handler: JobHandler): void {
    this.#handlers.set(kind, handler)
  }

  every(kind: string, periodMs: number, handler: JobHandler): void {
    this.#handlers.set(kind, handler)
    this.#periods.set(kind, periodMs)
  }

  start(): void {
    if (this.#started) return
    this.#started = true
    void this.#loop()
  }

  runDue(): Promise<number> {
    this.#running ??= this.#runAll().finally(() => {
      this.#running = null
    })
    return this.#running
  }

  async queues(): Promise<JobQueue[]> {
    const now = this.#deps.clock.now()
    const { due, failed } = await countJobs(this.#deps.db, now)
    return [...this.#handlers.keys()].map((kind) => {
      const waiting = due.find((one) => one.kind === kind)
      return {
        kind,
        due: waiting?.count ?? 0,
        oldestMs: waiting?.oldest ? now.getTime() - waiting.oldest.getTime() : 0,
        failed: failed.find((one) => one.kind === kind)?.count ?? 0,
      }
    })
  }

  async stop(graceMs = 5_000): Promise<void> {
    clearTimeout(this.#timer)
    this.#started = false
    const hard = setTimeout(() => this.#stopping.abort(), graceMs)
    // What it failed with was logged by the loop that asked for it.
    const done = this.#running?.catch(() => undefined)
    // One that does not hear the signal runs again after its lock ends, as after a crash.
    await Promise.race([done, endOf(this.#stopping.signal)])
    clearTimeout(hard)
    this.#stopping.abort()
  }

  async #loop(): Promise<void> {
    let nap = longestNapMs
    try {
      await this.runDue()
      const next = await findNextDue(this.#deps.db, [...this.#handlers.keys()])
      if (next) nap = Math.min(longestNapMs, Math.max(shortestNapMs, next.getTime() - this.#deps.clock.now().getTime()))
    } catch (error) {
      this.#deps.log.error({ err: error }, 'Looking for jobs failed; trying again')
    }
    if (this.#started) this.#timer = setTimeout(() => void this.#loop(), nap).unref()
  }

  async #runAll(): Promise<number> {
    await this.#plan()
    const kinds = [...this.#handlers.keys()]
    for (let count = 0; ; count++) {
      const job = this.#stopping.signal.aborted
        ? null
        : await claimJob(this.#deps.db, { now: this.#deps.clock.now(), lockMs, kinds })
      if (!job) return count
      await this.#runOne(job)
    }
  }

  /** Periodic kinds have one row each, made here if it is missing. */
  async #plan(): Promise<void> {
    const unplanned = [...this.#periods.keys()].filter((kind) => !this.#planned.has(kind))
    if (unplanned.length === 0) return
    await this.#deps.db.write(async (tx) => {
      const known = await findPlannedKinds(tx)
      for (const kind of unplanned) if (!known.has(kind)) await this.add(tx, { kind, uniqueKey: 'period' })
    })
    for (const kind of unplanned) this.#planned.add(kind)
  }

  async #runOne(job: Row<'jobs'>): Promise<void> {
    const period = this.#periods.get(job.kind)
    try {
      await this.#handlers.get(job.kind)?.(job, this.#stopping.signal)
      if (period === undefined) await removeJob(this.#deps.db, job)
      else await this.#again(job, period)
    } catch (error) {
      const last = period === undefined && job.attempts >= maxAttempts
      this.#deps.log.error(
        { err: error, job: job.kind, attempt: job.attempts },
        last ? 'A job failed for good' : 'A job failed and will run again',
      )
      // A period never ends: its attempts start anew with the next round.
      if (period !== undefined) await this.#again(job, Math.max(period, 60_000))
      else
        await postponeJob(this.#deps.db, job, { runAt: this.#after(1_000 * 2 ** job.attempts), error: String(error) })
    }
  }

  #again(job: Row<'jobs'>, inMs: number): Promise<void> {
    return this.#deps.db.write((tx) =>
      this.add(tx, { kind: job.kind, uniqueKey: job.uniqueKey, runAt: this.#after(inMs) }),
    )
  }

  #after(ms: number): Date {
    return new Date(this.#deps.clock.now().getTime() + ms)
  }
}

const deafMs = 500

/** Resolves some time after a signal ended. */
function endOf(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wait = () => void setTimeout(resolve, deafMs).unref()
    if (signal.aborted) wait()
    else signal.addEventListener('abort', wait, { once: true })
  })
}
