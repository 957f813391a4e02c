/** From this share on a limit is near. */
export const nearShare = 0.8

/** How full something is: free, near its limit, or at it. */
export function fullness({ used, limit }: { used: number; limit: number | null }): 'free' | 'near' | 'full' {
  if (limit === null) return 'free'
  if (used >= limit) return 'full'
  return used >= limit * nearShare ? 'near' : 'free'
}

/** What a bar shows, from 0 to 1; more than the limit is a full bar. */
export function shareOf({ used, limit }: { used: number; limit: number | null }): number {
  if (limit === null) return 0
  return limit === 0 ? 1 : Math.min(1, used / limit)
}
