import { count, gte } from 'drizzle-orm'
import type { Read } from '../../db/db.ts'

/** Of the whole installation; null counts all. */
export async function countScreenRows(read: Read, seenSince: Date | null): Promise<number> {
  const { screens } = read.tables
  const [row] = await read
    .select({ count: count() })
    .from(screens)
    .where(seenSince ? gte(screens.lastSeenAt, seenSince) : undefined)
  return row?.count ?? 0
}
