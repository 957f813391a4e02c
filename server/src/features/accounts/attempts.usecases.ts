import { attemptWindowMs, maxAttempts } from '@marquee/shared/accounts.ts'
import type { Tx } from '../../db/db.ts'
import type { Row } from '../../db/rows.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { lockAttempts, lowerAttempts, removeAttempts, removeAttemptsBefore, setAttempts } from './attempts.queries.ts'

export type AttemptLimits = { readonly max: number; readonly windowMs: number }
const usual: AttemptLimits = { max: maxAttempts, windowMs: attemptWindowMs }
const forgetAfterMs = 24 * 60 * 60 * 1000

/**
 * Counts a try for each subject before it is made, so that many at once gain nothing; throws `too-many-attempts` where
 * none is left. What succeeds is given back by `clearAttempts` or `giveBackAttempt`. Not inside a `write`.
 */
export async function takeAttempts(deps: Deps, subjects: readonly string[], limits = usual): Promise<void> {
  const now = deps.clock.now()
  await deps.db.write(async (tx) => {
    await removeAttemptsBefore(tx, new Date(now.getTime() - forgetAfterMs))
    for (const subject of subjects) {
      const row = await lockAttempts(tx, subject, now)
      refuseIfSpent(row, now, limits)
      await setAttempts(tx, oneMore(row, now, limits))
    }
  })
}

/** Throws `too-many-attempts`, with the seconds to wait, if the subject failed too often. Not inside a `write`. */
export async function ensureAttemptsLeft(deps: Deps, subject: string, limits = usual): Promise<void> {
  const now = deps.clock.now()
  await deps.db.write(async (tx) => refuseIfSpent(await lockAttempts(tx, subject, now), now, limits))
}

/** Counts a failure. Not inside a `write`. */
export async function noteFailure(deps: Deps, subject: string, limits = usual): Promise<void> {
  const now = deps.clock.now()
  await deps.db.write(async (tx) => setAttempts(tx, oneMore(await lockAttempts(tx, subject, now), now, limits)))
}

/** Forgets the failures of a subject. Not inside a `write`; there, `clearAttemptsIn`. */
export async function clearAttempts(deps: Deps, subject: string): Promise<void> {
  await deps.db.write((tx) => removeAttempts(tx, subject))
}
export async function clearAttemptsIn(tx: Tx, subject: string): Promise<void> {
  await removeAttempts(tx, subject)
}

/** Takes back one try that was no failure; what failed before still counts. */
export async function giveBackAttempt(tx: Tx, subject: string): Promise<void> {
  await lowerAttempts(tx, subject)
}

/** A window that starts in the future was written before the clock was set back: it is over too. */
function isOver({ windowStartedAt }: Row<'attempts'>, now: Date, { windowMs }: AttemptLimits): boolean {
  const age = now.getTime() - windowStartedAt.getTime()
  return age < 0 || age >= windowMs
}

function refuseIfSpent(row: Row<'attempts'>, now: Date, limits: AttemptLimits): void {
  if (row.count < limits.max || isOver(row, now, limits)) return
  const retryAfter = Math.ceil((row.windowStartedAt.getTime() + limits.windowMs - now.getTime()) / 1000)
  throw new AppError('too-many-attempts', `Too many wrong tries. Wait ${retryAfter} s`, { detail: { retryAfter } })
}

/** The last try starts the wait, so that the end of one window and the start of the next do not add up. */
function oneMore(row: Row<'attempts'>, now: Date, limits: AttemptLimits): Row<'attempts'> {
  const count = isOver(row, now, limits) ? 1 : row.count + 1
  return { ...row, count, windowStartedAt: count === 1 || count === limits.max ? now : row.windowStartedAt }
}
