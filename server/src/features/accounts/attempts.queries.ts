import { eq, lt, sql } from 'drizzle-orm'
import type { Tx } from '../../db/db.ts'
import type { Row } from '../../db/rows.ts'

/** The count of a subject, made if it is new, and held until the transaction ends so that two tries at once both count. */
export async function lockAttempts(tx: Tx, subject: string, now: Date): Promise<Row<'attempts'>> {
  const { attempts } = tx.tables
  const [row] = await tx
    .insert(attempts)
    .values({ subject, count: 0, windowStartedAt: now })
    .onConflictDoUpdate({ target: attempts.subject, set: { subject } })
    .returning()
  if (!row) throw new Error(`No row of attempts for "${subject}"`)
  return row
}

export async function setAttempts(tx: Tx, { subject, count, windowStartedAt }: Row<'attempts'>): Promise<void> {
  const { attempts } = tx.tables
  await tx.update(attempts).set({ count, windowStartedAt }).where(eq(attempts.subject, subject))
}

export async function lowerAttempts(tx: Tx, subject: string): Promise<void> {
  const { attempts } = tx.tables
  await tx
    .update(attempts)
    .set({ count: sql`${attempts.count} - 1` })
    .where(eq(attempts.subject, subject))
}

export async function removeAttempts(tx: Tx, subject: string): Promise<void> {
  const { attempts } = tx.tables
  await tx.delete(attempts).where(eq(attempts.subject, subject))
}

export async function removeAttemptsBefore(tx: Tx, time: Date): Promise<void> {
  const { attempts } = tx.tables
  await tx.delete(attempts).where(lt(attempts.windowStartedAt, time))
}
