import { BoundedMap } from './bounded-map.ts'

/** So many seconds of the rate may come at once. */
const burstSeconds = 2
/** Even a low rate lets a page load. */
const leastBurst = 5
/** Whoever is forgotten starts with a full bucket, so this bounds memory and not anybody's honest use. */
const maxBuckets = 20_000

/** Token buckets by name: each fills with `rate` tokens per second, and a call takes one. A rate of 0 is no limit. */
export function tokenBuckets(rate: number) {
  const most = Math.max(leastBurst, rate * burstSeconds)
  const buckets = new BoundedMap<string, { tokens: number; at: number }>(maxBuckets)
  return {
    /** Takes a token; gives 0, or the whole seconds to wait where none is left. */
    take(name: string, now: number): number {
      if (rate === 0) return 0
      const known = buckets.get(name)
      const passed = known ? Math.max(0, now - known.at) / 1000 : 0
      const tokens = known ? Math.min(most, known.tokens + passed * rate) : most
      const isLeft = tokens >= 1
      buckets.set(name, { tokens: isLeft ? tokens - 1 : tokens, at: now })
      return isLeft ? 0 : Math.max(1, Math.ceil((1 - tokens) / rate))
    },
  }
}
