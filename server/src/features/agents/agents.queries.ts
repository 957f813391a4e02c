import { eq, lt } from 'drizzle-orm'
import type { Read, Tx } from '../../db/db.ts'
import type { Row } from '../../db/rows.ts'

export type CursorRow = Row<'toolCursors'>

export async function findCursor(read: Read, keyId: string): Promise<CursorRow | null> {
  const { toolCursors } = read.tables
  const [row] = await read.select().from(toolCursors).where(eq(toolCursors.keyId, keyId))
  return row ?? null
}

/** The caller's cursor, made if need be, which nobody else moves until the transaction ends. */
export async function holdCursor(
  tx: Tx,
  cursor: Pick<CursorRow, 'keyId' | 'tenantId' | 'updatedAt'>,
): Promise<CursorRow> {
  const { toolCursors } = tx.tables
  const [row] = await tx
    .insert(toolCursors)
    .values({ ...cursor, adId: null, position: null, adCount: null, plays: 0 })
    .onConflictDoUpdate({ target: toolCursors.keyId, set: { updatedAt: cursor.updatedAt } })
    .returning()
  if (!row) throw new Error('An upsert gives its row')
  return row
}

type Moved = Partial<Pick<CursorRow, 'adId' | 'position' | 'adCount' | 'plays'>>

export async function moveCursor(tx: Tx, { keyId }: CursorRow, to: Moved): Promise<void> {
  const { toolCursors } = tx.tables
  await tx.update(toolCursors).set(to).where(eq(toolCursors.keyId, keyId))
}

export async function removeCursorsBefore(tx: Tx, before: Date): Promise<void> {
  const { toolCursors } = tx.tables
  await tx.delete(toolCursors).where(lt(toolCursors.updatedAt, before))
}
