import type { Deps } from '../deps.ts'
import { readiness } from './health.ts'
import { answerMetrics, type Peer } from './metrics.ts'

/** What the operator's own tools ask for: whether it lives, whether it can work, and its counts. Null for everything else. */
export async function answerOperator(deps: Deps, request: Request, peer: Peer): Promise<Response | null> {
  if (!/\/(healthz|readyz|metrics)(\?|$)/.test(request.url)) return null
  if (request.method !== 'GET' && request.method !== 'HEAD') return null
  switch (new URL(request.url).pathname) {
    case '/healthz':
      return json({ ok: true }, 200)
    case '/readyz': {
      const state = await readiness(deps)
      return json(state, state.ok ? 200 : 503)
    }
    case '/metrics':
      return answerMetrics(deps, request, peer)
    default:
      return null
  }
}

function json(body: unknown, status: number): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'no-store' } })
}
