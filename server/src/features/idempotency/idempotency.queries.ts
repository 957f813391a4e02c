import { and, eq, isNull, lt } from 'drizzle-orm'
import type { Read, Tx } from '../../db/db.ts'
import type { Row } from '../../db/rows.ts'

export type IdempotencyRow = Row<'idempotency'>

export async function findClaim(read: Read, id: string): Promise<IdempotencyRow | null> {
  const { idempotency } = read.tables
  const [row] = await read.select().from(idempotency).where(eq(idempotency.id, id))
  return row ?? null
}

/** False if another call holds the key already. */
export async function addClaim(tx: Tx, row: IdempotencyRow): Promise<boolean> {
  const { idempotency } = tx.tables
  const added = await tx.insert(idempotency).values(row).onConflictDoNothing().returning({ id: idempotency.id })
  return added.length > 0
}

/** Takes over, or keeps alive, the claim of a call that still runs; false if somebody else did so since `createdAt`. */
export async function renewClaim(tx: Tx, { id, createdAt }: IdempotencyRow, now: Date): Promise<boolean> {
  const { idempotency } = tx.tables
  const renewed = await tx
    .update(idempotency)
    .set({ createdAt: now })
    .where(and(eq(idempotency.id, id), isNull(idempotency.status), eq(idempotency.createdAt, createdAt)))
    .returning({ id: idempotency.id })
  return renewed.length > 0
}

type Answered = { readonly status: number; readonly body: string; readonly requestHash: string }

export async function setAnswer(tx: Tx, id: string, answer: Answered & { readonly createdAt: Date }): Promise<void> {
  const { idempotency } = tx.tables
  await tx.update(idempotency).set(answer).where(eq(idempotency.id, id))
}

export async function removeClaim(tx: Tx, id: string): Promise<void> {
  const { idempotency } = tx.tables
  await tx.delete(idempotency).where(eq(idempotency.id, id))
}

export async function removeOldClaims(tx: Tx, before: Date): Promise<void> {
  const { idempotency } = tx.tables
  await tx.delete(idempotency).where(lt(idempotency.createdAt, before))
}
