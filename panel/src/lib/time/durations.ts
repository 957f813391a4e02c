/** `minDurationMs` and `maxDurationMs` of shared/ads.ts, whose import would bring zod into the page; a test holds them equal. */
export const leastDuration = 1_000
export const mostDuration = 3_600_000
