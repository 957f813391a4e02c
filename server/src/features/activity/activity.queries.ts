import type { ActivityEntry } from '@marquee/shared/activity.ts'
import { and, desc, eq, lt } from 'drizzle-orm'
import type { Read, Tx } from '../../db/db.ts'
import type { Row } from '../../db/rows.ts'

export async function addActivity(tx: Tx, row: Row<'activity'>): Promise<void> {
  await tx.insert(tx.tables.activity).values(row)
}

/** So many at once that neither database meets its limit of values in a statement. */
const rowsPerInsert = 200

export async function addActivities(tx: Tx, rows: readonly Row<'activity'>[]): Promise<void> {
  for (let at = 0; at < rows.length; at += rowsPerInsert)
    await tx.insert(tx.tables.activity).values(rows.slice(at, at + rowsPerInsert))
}

/** Newest first, `limit + 1` at most, so that the caller sees whether there is more. */
export function findActivity(
  read: Read,
  tenantId: string,
  filter: {
    before: string | null
    limit: number
    subject?: ActivityEntry['subject']['kind'] | undefined
    subjectId?: string | undefined
  },
): Promise<Row<'activity'>[]> {
  const { activity } = read.tables
  return read
    .select()
    .from(activity)
    .where(
      and(
        eq(activity.tenantId, tenantId),
        filter.before === null ? undefined : lt(activity.id, filter.before),
        filter.subject && eq(activity.subjectKind, filter.subject),
        filter.subjectId === undefined ? undefined : eq(activity.subjectId, filter.subjectId),
      ),
    )
    .orderBy(desc(activity.id))
    .limit(filter.limit + 1)
}
