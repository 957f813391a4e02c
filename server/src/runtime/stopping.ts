/** What a request gets that comes while the server stops. */
export const comeBack = {
  status: 503,
  headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', 'retry-after': '2' },
  body: JSON.stringify({
    type: 'urn:marquee:unavailable',
    title: 'The server stops. Try again in some seconds',
    status: 503,
    code: 'unavailable',
    reason: 'stopping',
    detail: { retryAfter: 2 },
  }),
} as const
