import type { SQL } from 'drizzle-orm'
import type { AdPlace, AdSearch, AdsFound } from './db.ts'

/** Words on more ads than this are common. */
export const rareMatches = 10_000
const nextAds = 1_000

/** The ways to find ads, in the words of a dialect. */
export type SearchWays = {
  /** Looks at ads in order until it has `limit`, or has seen `most` of them. */
  byWalking(after: AdPlace | null, limit: number, most?: number): Promise<AdPlace[]>
  /** How many ads the index finds, counted up to `rareMatches + 1`. */
  countMatches(): Promise<number>
  fromIndex(after: AdPlace | null, limit: number): Promise<AdPlace[]>
  /** The same question to one ad, for a query that walks the ads. */
  readonly condition: SQL
}

/**
 * How a search is done, so that what it costs has a bound for rare words and for common ones. First the next ads of the
 * order are looked at: words that are on many fill a page there. Otherwise the index counts: of words on few ads it
 * gives them all, to be sorted; of common words that are on none of the next ads, the order is walked to where they are.
 * With other filters, a page can need many more ads than it shows: then all of the few, or a condition.
 */
export async function planSearch({ after, limit, filtered }: AdSearch, ways: SearchWays): Promise<AdsFound> {
  if (!filtered) {
    const near = await ways.byWalking(after, limit, nextAds)
    if (near.length >= limit) return toIds(near)
  }
  const isRare = (await ways.countMatches()) <= rareMatches
  if (filtered) return isRare ? toIds(await ways.fromIndex(after, rareMatches)) : { condition: ways.condition }
  return toIds(await (isRare ? ways.fromIndex(after, limit) : ways.byWalking(after, limit)))
}

function toIds(places: AdPlace[]): AdsFound {
  return { ids: places.map(({ id }) => id) }
}
