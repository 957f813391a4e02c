import type { Deps } from '../deps.ts'
import type { RequestFacts } from '../trpc.ts'

const routes = new Set(['trpc', 'media', 'api', 'mcp', 'player'])

/** The group of addresses that a path belongs to. The path itself may hold a signature or the token of a link. */
export function routeOf(path: string): string {
  const first = path.split('/', 2)[1] ?? ''
  return routes.has(first) ? first : 'page'
}

type Answered = { readonly request: Request; readonly answer: Response; readonly ms: number }

/** Counts an answer and writes its line, unless the procedure that gave it has written one. */
export function noteAnswer(deps: Deps, facts: RequestFacts, { request, answer, ms }: Answered): void {
  const route = routeOf(new URL(request.url).pathname)
  const { status } = answer
  deps.metrics.answered(route, status)
  if (route === 'media' && request.method === 'GET' && answer.body)
    deps.metrics.delivered(Number(answer.headers.get('content-length') ?? 0))
  const isRefusal = status >= 400 && answer.headers.get('content-type') === 'application/problem+json'
  if (route === 'trpc' && !isRefusal) return
  const line = { requestId: facts.id, route, method: request.method, status, ms: Math.round(ms * 10) / 10 }
  if (status >= 400) deps.log.info({ ...line, address: facts.address }, 'Refused')
  else deps.log.debug(line, 'Answered')
}
