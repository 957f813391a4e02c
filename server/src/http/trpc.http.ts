import { approvalHeader } from '@marquee/shared/approvals.ts'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import type { Deps } from '../deps.ts'
import { approvalGate } from '../features/approvals/approvals.gate.usecases.ts'
import { screenStream } from '../features/live/live.http.ts'
import { appRouter } from '../router.ts'
import { type Context, fromTrpc, type RequestFacts } from '../trpc.ts'
import { readBody, refuseForeignPages, refuseKeyInUrl } from './checks.ts'
import { whoIs } from './who.ts'

/** Answers `/trpc/*`. `deps.baseUrl` is the caller's. */
export async function handleTrpc(deps: Deps, request: Request, facts: RequestFacts): Promise<Response> {
  refuseForeignPages(deps, request)
  refuseKeyInUrl(request)
  const stream = await screenStream(deps, request)
  if (stream) return stream
  const body = request.method === 'POST' ? await readBody(request) : null
  const checked =
    body === null
      ? request
      : new Request(request.url, { method: 'POST', headers: request.headers, body, signal: request.signal })
  return fetchRequestHandler({
    endpoint: '/trpc',
    req: checked,
    router: appRouter,
    allowBatching: true,
    maxBatchSize: 20,
    createContext: ({ resHeaders }): Context => ({
      deps,
      request: facts,
      who: whoIs(deps, request.headers),
      gate: approvalGate(deps, request.headers.get(approvalHeader)),
      resHeaders,
    }),
    responseMeta: ({ errors }) => {
      const headers = new Headers({ 'cache-control': 'no-store' })
      const wait = errors.map((error) => fromTrpc(error).detail?.retryAfter).find((value) => typeof value === 'number')
      if (wait !== undefined) headers.set('retry-after', String(wait))
      return { headers }
    },
  })
}
