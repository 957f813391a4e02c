import type { AdPlace, AdSearch } from './db.ts'

/**
 * Rare words: all ads that have them are taken from the index and sorted. Words on more ads than this: the order is
 * walked and each ad's text is looked at, until the page is full; the more common a word, the sooner. Either way, the
 * dearest search among 100,000 ads touches a part of them only.
 */
export const rareMatches = 10_000
const largestSlice = 2_000

/** Both ways, in the words of a dialect. */
export type SearchWays = {
  /** How many ads the index finds, counted up to `rareMatches + 1`. */
  countMatches(): Promise<number>
  fromIndex(after: AdPlace | null, limit: number): Promise<AdPlace[]>
  byWalking(after: AdPlace | null, limit: number): Promise<AdPlace[]>
}

export async function* searchInSlices(
  { after, slice }: Pick<AdSearch, 'after' | 'slice'>,
  ways: SearchWays,
): AsyncIterable<string[]> {
  const matches = await ways.countMatches()
  if (matches === 0) return
  const page = matches > rareMatches ? ways.byWalking : ways.fromIndex
  for (let place = after, limit = slice; ; limit = Math.min(limit * 4, largestSlice)) {
    const found = await page(place, limit)
    if (found.length > 0) yield found.map(({ id }) => id)
    const last = found.at(-1)
    if (!last || found.length < limit) return
    place = last
  }
}
