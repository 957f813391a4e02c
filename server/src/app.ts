import { Hono } from 'hono'
import type { Deps } from './deps.ts'
import { AppError, toAppError } from './errors.ts'
import { mediaHandler } from './features/media/media.http.ts'
import { closeReports } from './features/screens/reports.usecases.ts'
import { problem } from './http/answers.ts'
import { readiness } from './http/health.ts'
import { addressOf, baseUrlOf } from './http/origin.ts'
import { secure } from './http/security.ts'
import { handleTrpc } from './http/trpc.http.ts'
import { newId } from './lib/id.ts'
import type { RequestFacts } from './trpc.ts'

export type AppParts = {
  /** The built panel and player; null where there is no such file. */
  readonly assets: (request: Request) => Promise<Response | null>
}
/** What the runtime knows of a connection. */
export type Connection = { readonly address: string }

/** All routes of the server as one function from request to answer, the same on every runtime. */
export function createApp(deps: Deps, { assets }: AppParts) {
  const app = new Hono<{ Bindings: Connection; Variables: { deps: Deps; facts: RequestFacts } }>()

  app.use(async (c, next) => {
    const id = newId()
    c.set('facts', { id, address: addressOf(deps.config, c.req.raw, c.env.address), headers: c.req.raw.headers })
    if (c.req.path === '/healthz' || c.req.path === '/readyz') return next()
    c.set('deps', { ...deps, baseUrl: baseUrlOf(deps.config, c.req.raw) })
    return next()
  })
  app.get('/healthz', (c) => c.json({ ok: true }))
  app.get('/readyz', async (c) => {
    const state = await readiness(deps)
    return c.json(state, state.ok ? 200 : 503)
  })
  app.all('/trpc/*', (c) => handleTrpc(c.get('deps'), c.req.raw, c.get('facts')))
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
    if (error.code === 'internal') deps.log.error({ err: cause, requestId: id, path }, 'A request failed')
    return problem(error, id)
  }
  app.onError((cause, c) => failed(cause, c.get('facts')?.id ?? newId(), c.req.path))
  app.notFound((c) => problem(new AppError('not-found', `There is nothing at "${c.req.path}"`), c.get('facts').id))

  return {
    fetch: async (request: Request, connection: Connection): Promise<Response> =>
      secure(await app.fetch(request, connection)),
    /** Writes what use cases still hold in memory. */
    close: (): Promise<void> => closeReports(deps),
  }
}
