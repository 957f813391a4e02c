import { and, desc, eq, gt, isNull, lt } from 'drizzle-orm'
import type { Read, Tx } from '../../db/db.ts'
import type { Row } from '../../db/rows.ts'

export type PairingRow = Row<'pairings'>

/** False where the code is taken. */
export async function addPairing(tx: Tx, row: PairingRow): Promise<boolean> {
  const { pairings } = tx.tables
  const added = await tx.insert(pairings).values(row).onConflictDoNothing().returning({ code: pairings.code })
  return added.length === 1
}

/** The newest pairing that the holder of this secret began. */
export async function findPairingBySecret(read: Read, secretHash: string): Promise<PairingRow | null> {
  const { pairings } = read.tables
  const [row] = await read
    .select()
    .from(pairings)
    .where(eq(pairings.secretHash, secretHash))
    .orderBy(desc(pairings.createdAt))
    .limit(1)
  return row ?? null
}

export async function findPairing(read: Read, code: string): Promise<PairingRow | null> {
  const { pairings } = read.tables
  const [row] = await read.select().from(pairings).where(eq(pairings.code, code))
  return row ?? null
}

/** Uses a code for a screen, once: of two at the same time only one gets the row. */
export async function usePairing(
  tx: Tx,
  { code, screenId, now }: { code: string; screenId: string; now: Date },
): Promise<PairingRow | null> {
  const { pairings } = tx.tables
  const [row] = await tx
    .update(pairings)
    .set({ screenId, usedAt: now })
    .where(and(eq(pairings.code, code), isNull(pairings.usedAt), gt(pairings.expiresAt, now)))
    .returning()
  return row ?? null
}

/** Removes pairings that ended before an instant. */
export async function removePairings(tx: Tx, endedBefore: Date): Promise<number> {
  const { pairings } = tx.tables
  const gone = await tx.delete(pairings).where(lt(pairings.expiresAt, endedBefore)).returning({ code: pairings.code })
  return gone.length
}
