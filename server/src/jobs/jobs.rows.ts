import { and, asc, count, eq, gte, isNull, lt, lte, min, or, sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/db.ts'
import type { Row } from '../db/rows.ts'
import { newId } from '../lib/id.ts'
import type { NewJob } from './jobs.ts'

export const maxAttempts = 10

export async function addJob(tx: Tx, job: NewJob, now: Date): Promise<void> {
  const { jobs } = tx.tables
  const runAt = job.runAt ?? now
  const payload = job.payload ?? {}
  await tx
    .insert(jobs)
    .values({ id: newId(), kind: job.kind, uniqueKey: job.uniqueKey, payload, runAt, createdAt: now })
    .onConflictDoUpdate({
      target: [jobs.kind, jobs.uniqueKey],
      set: { runAt, payload, attempts: 0, lastError: null, lockedUntil: null },
    })
}

export async function removeJobByKey(tx: Tx, kind: string, uniqueKey: string): Promise<void> {
  const { jobs } = tx.tables
  await tx.delete(jobs).where(and(eq(jobs.kind, kind), eq(jobs.uniqueKey, uniqueKey)))
}

export async function removeJob(db: Db, job: Row<'jobs'>): Promise<void> {
  // Only if nobody moved its time meanwhile: then it is a new job under the old id.
  await db.write((tx) => {
    const { jobs } = tx.tables
    return tx.delete(jobs).where(and(eq(jobs.id, job.id), eq(jobs.runAt, job.runAt)))
  })
}

/** Takes the job that is due longest, so that no other process does for `lockMs`; null if none is due. */
export async function claimJob(
  db: Db,
  { now, lockMs, kinds }: { now: Date; lockMs: number; kinds: readonly string[] },
): Promise<Row<'jobs'> | null> {
  const { jobs } = db.read.tables
  const free = and(
    lte(jobs.runAt, now),
    lt(jobs.attempts, maxAttempts),
    or(isNull(jobs.lockedUntil), lt(jobs.lockedUntil, now)),
    or(...kinds.map((kind) => eq(jobs.kind, kind))),
  )
  const [due] = await db.read.select({ id: jobs.id }).from(jobs).where(free).orderBy(asc(jobs.runAt)).limit(1)
  if (!due) return null
  const [claimed] = await db.write((tx) =>
    tx
      .update(jobs)
      .set({ lockedUntil: new Date(now.getTime() + lockMs), attempts: sql`${jobs.attempts} + 1` })
      .where(and(eq(jobs.id, due.id), free))
      .returning(),
  )
  return claimed ?? null
}

export async function postponeJob(
  db: Db,
  job: Row<'jobs'>,
  { runAt, error }: { runAt: Date; error: string },
): Promise<void> {
  await db.write((tx) => {
    const { jobs } = tx.tables
    return tx
      .update(jobs)
      .set({ runAt, lockedUntil: null, lastError: error.slice(0, 500) })
      .where(and(eq(jobs.id, job.id), eq(jobs.runAt, job.runAt)))
  })
}

/** When the next job of these kinds is due, or null. */
export async function findNextDue(db: Db, kinds: readonly string[]): Promise<Date | null> {
  const { jobs } = db.read.tables
  const [row] = await db.read
    .select({ runAt: jobs.runAt, lockedUntil: jobs.lockedUntil })
    .from(jobs)
    .where(and(lt(jobs.attempts, maxAttempts), or(...kinds.map((kind) => eq(jobs.kind, kind)))))
    .orderBy(asc(jobs.runAt))
    .limit(1)
  if (!row) return null
  return row.lockedUntil && row.lockedUntil > row.runAt ? row.lockedUntil : row.runAt
}

/** Kinds that have a row, due or not. */
export async function findPlannedKinds(tx: Tx): Promise<Set<string>> {
  const { jobs } = tx.tables
  return new Set((await tx.selectDistinct({ kind: jobs.kind }).from(jobs)).map(({ kind }) => kind))
}

/** What is due, and what was given up, by kind. */
export async function countJobs(db: Db, now: Date) {
  const { jobs } = db.read.tables
  const due = await db.read
    .select({ kind: jobs.kind, count: count(), oldest: min(jobs.runAt) })
    .from(jobs)
    .where(and(lte(jobs.runAt, now), lt(jobs.attempts, maxAttempts)))
    .groupBy(jobs.kind)
  const failed = await db.read
    .select({ kind: jobs.kind, count: count() })
    .from(jobs)
    .where(gte(jobs.attempts, maxAttempts))
    .groupBy(jobs.kind)
  return { due, failed }
}
