import { Hono } from 'hono'
import type { Deps } from './deps.ts'
import { AppError, toAppError } from './errors.ts'
import { closeToolCalls } from './features/activity/activity.calls.usecases.ts'
import { mediaHandler } from './features/media/media.http.ts'
import { closeReports } from './features/screens/reports.usecases.ts'
import { noteAnswer, routeOf } from './http/answered.ts'
import { problem } from './http/answers.ts'
import { answerOperator } from './http/operation.ts'
import { addressOf, baseUrlOf } from './http/origin.ts'
import { secure } from './http/security.ts'
import { handleTrpc } from './http/trpc.http.ts'
import { newRequestId } from './lib/id.ts'
import { limitAddress } from './rate-limits.ts'
import { handleRest } from './rest/rest.http.ts'
import type { RequestFacts } from './trpc.ts'

export type AppParts = {
  /** The built panel and player; null where there is no such file. */
  readonly assets: (request: Request) => Promise<Response | null>
}
/** What the runtime knows of a connection. */
export type Connection = {
  readonly address: string
  /** The body as the runtime has it, for those who do not need a web stream. Its pieces are the reader's own. */
  readonly body?: () => AsyncIterable<Uint8Array>
}

/** Pages and media that go out are cheap, and a shop's screens load many at once. */
const limitedRoutes = new Set(['trpc', 'api', 'mcp'])

/** All routes of the server as one function from request to answer, the same on every runtime. */
export function createApp(deps: Deps, { assets }: AppParts) {
  const app = new Hono<{
    Bindings: { facts: RequestFacts; body: Connection['body'] }
    Variables: { deps: Deps; facts: RequestFacts }
  }>()

  app.use(async (c, next) => {
    c.set('facts', c.env.facts)
    c.set('deps', { ...deps, baseUrl: baseUrlOf(deps.config, c.req.raw) })
    if (limitedRoutes.has(routeOf(c.req.path))) limitAddress(deps, c.env.facts.address)
    return next()
  })
  app.all('/trpc/*', (c) => handleTrpc(c.get('deps'), c.req.raw, c.get('facts')))
  app.all('/api/*', (c) => {
    const { deps, facts } = c.var
    return handleRest(deps, { request: c.req.raw, facts, body: c.env.body, assets })
  })
  app.all('/mcp', async (c) => {
    // Most servers never hear of an agent: the protocol is loaded when one comes.
    const { handleMcp } = await import('./mcp/mcp.http.ts')
    return handleMcp(c.get('deps'), { request: c.req.raw, facts: c.get('facts') })
  })
  app.all('/media/*', (c) => {
    const media = mediaHandler(deps, (cause) => failed(cause, c.get('facts').id, c.req.path))
    return media(c.req.raw, c.get('deps').baseUrl)
  })
  app.get(
    '*',
    async (c) =>
      (await assets(c.req.raw)) ??
      problem(new AppError('not-found', `There is nothing at "${c.req.path}"`), c.get('facts').id),
  )

  const failed = (cause: unknown, id: string, path: string) => {
    const error = toAppError(cause)
    if (error.code === 'internal')
      deps.log.error({ err: cause, requestId: id, route: routeOf(path) }, 'A request failed')
    return problem(error, id)
  }
  app.onError((cause, c) => failed(cause, c.get('facts')?.id ?? newRequestId(), c.req.path))
  app.notFound((c) => problem(new AppError('not-found', `There is nothing at "${c.req.path}"`), c.get('facts').id))

  return {
    async fetch(request: Request, connection: Connection): Promise<Response> {
      const started = performance.now()
      const facts = factsOf(deps, request, connection)
      const operators = await answerOperator(deps, request, connection)
      const answer = secure(operators ?? (await app.fetch(request, { facts, body: connection.body })))
      if (!operators) noteAnswer(deps, facts, { request, answer, ms: performance.now() - started })
      answer.headers.set('x-request-id', facts.id)
      return answer
    },
    /** Writes what use cases still hold in memory. */
    async close(): Promise<void> {
      await closeToolCalls(deps)
      await closeReports(deps)
    },
  }
}

function factsOf({ config }: Deps, request: Request, { address }: Connection): RequestFacts {
  return { id: newRequestId(), address: addressOf(config, request, address), headers: request.headers }
}
