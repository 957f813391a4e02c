import type { Db } from '../db/db.ts'
import type { Row } from '../db/rows.ts'
import { addJob, claimJob, findNextDue, maxAttempts, postponeJob, removeJob, removeJobByKey } from './jobs.rows.ts'
import type { JobHandler, Jobs } from './jobs.ts'

const lockMs = 5 * 60 * 1000
/** Jobs of other processes are found at the latest after this long. */
const longestNapMs = 5_000

type Deps = {
  readonly db: Db
  readonly clock: { now(): Date }
  readonly log: { error(facts: object, text: string): void }
}

/** Jobs in the table `jobs`, the same for both databases. One runs at a time per process: they are small. */
export function openJobs({ db, clock, log }: Deps): Jobs {
  const handlers = new Map<string, JobHandler>()
  const periods = new Map<string, number>()
  const stopping = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let running: Promise<number> | null = null
  let started = false

  const runDue = (): Promise<number> => {
    running ??= runAll().finally(() => {
      running = null
    })
    return running
  }
  const runAll = async () => {
    await plan()
    let count = 0
    while (!stopping.signal.aborted) {
      const job = await claimJob(db, { now: clock.now(), lockMs, kinds: [...handlers.keys()] })
      if (!job) break
      await runOne(job)
      count++
    }
    return count
  }
  /** Periodic kinds have one row each, made here if it is missing. */
  const plan = async () => {
    const unplanned = [...periods.keys()].filter((kind) => !planned.has(kind))
    if (unplanned.length === 0) return
    await db.write(async (tx) => {
      const { jobs } = tx.tables
      const known = new Set((await tx.select({ kind: jobs.kind }).from(jobs)).map(({ kind }) => kind))
      for (const kind of unplanned) {
        if (!known.has(kind)) await addJob(tx, { kind, uniqueKey: 'period' }, clock.now())
        planned.add(kind)
      }
    })
  }
  const planned = new Set<string>()

  const runOne = async (job: Row<'jobs'>) => {
    const period = periods.get(job.kind)
    const after = (ms: number) => new Date(clock.now().getTime() + ms)
    try {
      await handlers.get(job.kind)?.(job, stopping.signal)
      if (period === undefined) await removeJob(db, job)
      else
        await db.write((tx) =>
          addJob(tx, { kind: job.kind, uniqueKey: job.uniqueKey, runAt: after(period) }, clock.now()),
        )
    } catch (error) {
      log.error(
        { err: error, job: job.kind, attempt: job.attempts },
        job.attempts < maxAttempts ? 'A job failed and will run again' : 'A job failed for good',
      )
      // A period never ends: its attempts start anew with the next round.
      if (period !== undefined)
        await db.write((tx) =>
          addJob(tx, { kind: job.kind, uniqueKey: job.uniqueKey, runAt: after(Math.max(period, 60_000)) }, clock.now()),
        )
      else await postponeJob(db, job, { runAt: after(1_000 * 2 ** job.attempts), error: String(error) })
    }
  }

  const loop = async () => {
    if (stopping.signal.aborted) return
    let nap = longestNapMs
    try {
      await runDue()
      const next = await findNextDue(db, [...handlers.keys()])
      if (next) nap = Math.min(longestNapMs, Math.max(50, next.getTime() - clock.now().getTime()))
    } catch (error) {
      log.error({ err: error }, 'Looking for jobs failed; trying again')
    }
    if (!stopping.signal.aborted) timer = setTimeout(() => void loop(), nap).unref()
  }

  return {
    add: (tx, job) => addJob(tx, job, clock.now()),
    cancel: removeJobByKey,
    handle: (kind, handler) => void handlers.set(kind, handler),
    every(kind, periodMs, handler) {
      handlers.set(kind, handler)
      periods.set(kind, periodMs)
    },
    start() {
      if (started) return
      started = true
      void loop()
    },
    runDue,
    async stop(graceMs = 5_000) {
      clearTimeout(timer)
      const hard = setTimeout(() => stopping.abort(), graceMs)
      if (!running) stopping.abort()
      await running?.catch(() => undefined)
      clearTimeout(hard)
      stopping.abort()
    },
  }
}
