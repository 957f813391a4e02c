import { and, asc, eq, sql } from 'drizzle-orm'
import type { Allowed } from '../../access.ts'
import type { Read, Tx } from '../../db/db.ts'
import type { AdRow } from '../../db/rows.ts'

export type Place = Pick<AdRow, 'id' | 'position'>

/** The next ads behind a place (null: from the start) in the order, removed ones too since they may return to theirs. */
export function findBehind(
  read: Read,
  tenantId: string,
  { place, without, limit }: { place: Place | null; without: string; limit: number },
): Promise<Place[]> {
  const { ads } = read.tables
  return read
    .select({ id: ads.id, position: ads.position })
    .from(ads)
    .where(
      and(
        eq(ads.tenantId, tenantId),
        sql`${ads.id} <> ${without}`,
        place === null ? undefined : sql`(${ads.position}, ${ads.id}) > (${place.position}, ${place.id})`,
      ),
    )
    .orderBy(asc(ads.position), asc(ads.id))
    .limit(limit)
}

export async function setPosition(
  tx: Tx,
  ad: Allowed<Pick<AdRow, 'id' | 'tenantId'>>,
  position: number,
): Promise<void> {
  const { ads } = tx.tables
  await tx.update(ads).set({ position }).where(eq(ads.id, ad.id))
  await tx.words.placeAd(tx, ad.id, position)
}
