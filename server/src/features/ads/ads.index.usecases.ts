import type { Db } from '../../db/db.ts'
import { findForIndex, indexAll } from './ads.index.queries.ts'

const batch = 500

/** Makes what the search knows anew from the ads: after a restore, whose rows come without it. */
export async function indexAllAds(db: Db): Promise<void> {
  for (let last = ''; ; ) {
    const found = await findForIndex(db.read, last, batch)
    if (found.length === 0) return
    await db.write((tx) => indexAll(tx, found))
    last = found.at(-1)?.ad.id ?? last
  }
}
