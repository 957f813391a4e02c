import type { Answer } from '../features/idempotency/idempotency.usecases.ts'

export function json({ status, body }: Answer): Response {
  return new Response(body, { status, headers: { 'content-type': 'application/json', 'cache-control': 'no-store' } })
}

/** An answer that says whether it is one of before. */
export function repeatable({ answer, isRepeated }: { answer: Answer; isRepeated: boolean }): Response {
  const response = json(answer)
  if (isRepeated) response.headers.set('idempotency-replayed', 'true')
  return response
}
