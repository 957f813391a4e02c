import { and, asc, desc, eq, gt, lte } from 'drizzle-orm'
import type { Read, Tx } from '../db/db.ts'
import type { NewEvent, StoredEvent } from './events.ts'

const floorMark = 'events.floor'

export async function insertEvent(tx: Tx, event: NewEvent, now: Date): Promise<void> {
  const { events } = tx.tables
  await tx.insert(events).values({
    tenantId: event.tenantId,
    kind: event.kind,
    subjectId: event.subjectId ?? null,
    revision: event.revision ?? null,
    createdAt: now,
  })
}

/** Events behind `afterId` in order; of one tenant if given. */
export function findEvents(
  read: Read,
  { afterId, limit, tenantId }: { afterId: number; limit: number; tenantId?: string },
): Promise<StoredEvent[]> {
  const { events } = read.tables
  return read
    .select({
      id: events.id,
      tenantId: events.tenantId,
      kind: events.kind,
      subjectId: events.subjectId,
      revision: events.revision,
    })
    .from(events)
    .where(and(gt(events.id, afterId), tenantId === undefined ? undefined : eq(events.tenantId, tenantId)))
    .orderBy(asc(events.id))
    .limit(limit)
}

export async function findLastId(read: Read): Promise<number> {
  const { events } = read.tables
  const [row] = await read.select({ id: events.id }).from(events).orderBy(desc(events.id)).limit(1)
  return row?.id ?? (await findFloor(read))
}

/** Id of the newest event that was purged. */
export async function findFloor(read: Read): Promise<number> {
  const { marks } = read.tables
  const [row] = await read.select().from(marks).where(eq(marks.name, floorMark))
  return Number(row?.value ?? 0)
}

/** Removes events before an instant, remembers up to which id, and gives how many. */
export async function purgeEvents(tx: Tx, before: Date): Promise<number> {
  const { events, marks } = tx.tables
  const gone = await tx.delete(events).where(lte(events.createdAt, before)).returning({ id: events.id })
  if (gone.length === 0) return 0
  const value = String(Math.max(await findFloor(tx), ...gone.map(({ id }) => id)))
  await tx.insert(marks).values({ name: floorMark, value }).onConflictDoUpdate({ target: marks.name, set: { value } })
  return gone.length
}
