import { type AppError, errorData } from '../errors.ts'

/** An error of a plain HTTP route, as problem details (RFC 9457). */
export function problem(error: AppError, requestId: string): Response {
  const body = {
    type: `urn:marquee:${error.code}`,
    title: error.message,
    status: error.status,
    ...errorData(error, requestId),
  }
  const headers = new Headers({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' })
  if (typeof error.detail?.retryAfter === 'number') headers.set('retry-after', String(error.detail.retryAfter))
  return new Response(JSON.stringify(body), { status: error.status, headers })
}
