import { maxFilename } from '@marquee/shared/files.ts'
import type { AnyRouter } from '@trpc/server'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { problem } from '../http/answers.ts'
import { readBody, refuseForeignPages, refuseKeyInUrl } from '../http/checks.ts'
import { askedOnce, whoIs } from '../http/who.ts'
import { hashToken } from '../lib/secret.ts'
import { appRouter } from '../router.ts'
import type { ByteSource } from '../storage/storage.ts'
import type { RequestFacts } from '../trpc.ts'
import { json, repeatable } from './answer.ts'
import { type Asked, callRoute, refusalOf } from './call.ts'
import { once } from './once.ts'
import { documentFor } from './openapi.ts'
import { type Assets, pageFor } from './page.ts'
import { readQuery } from './query.ts'
import { type Method, type Route, routesOf } from './routes.ts'
import { takeUpload, uploadPath } from './upload.ts'

/** A cursor, a search and a name at their longest; what is longer is no honest address. */
const maxUrl = 8 * 1024 + 4 * maxFilename

type RestRequest = {
  readonly request: Request
  readonly facts: RequestFacts
  /** The body without a web stream in between, where the runtime has a shorter way; its pieces are the reader's own. */
  readonly body?: (() => ByteSource) | undefined
  readonly assets?: Assets
  readonly router?: AnyRouter
}

/** Answers `/api/…`: the procedures as REST, the document of them, and the upload of the first guide. `deps.baseUrl` is the caller's. */
export async function handleRest(
  deps: Deps,
  { request, facts, body, assets = nothing, router = appRouter }: RestRequest,
) {
  try {
    const page = await pageFor(assets, request)
    if (page) return page
    refuseForeignPages(deps, request)
    refuseKeyInUrl(request)
    if (request.url.length > maxUrl) throw new AppError('bad-input', `An address may have ${maxUrl} characters`)
    const url = new URL(request.url)
    const asked = { deps, router, request, facts, who: askedOnce(whoIs(deps, request.headers)) }
    if (url.pathname === '/api/openapi.json') return documentFor(router, request)
    if (url.pathname === uploadPath) {
      ensureMethod(request, ['POST'])
      return await takeUpload(asked, body)
    }
    return await answer(asked, routeFor(router, request, url.pathname), url)
  } catch (cause) {
    return refused(deps, cause, { request, facts })
  }
}

const nothing: Assets = async () => null

function routeFor(router: AnyRouter, request: Request, path: string): Route {
  const methods = routesOf(router).get(path)
  if (!methods) {
    const shown = path.slice(0, 100)
    throw new AppError('not-found', `There is nothing at "${shown}". The calls are listed at /api/`)
  }
  const method = request.method === 'HEAD' ? 'GET' : request.method
  // A method that is not one of ours is in no map.
  const route = methods.get(method as Method)
  if (route) return route
  ensureMethod(request, [...methods.keys()])
  throw new TypeError('A method that the route has was not found')
}

function ensureMethod({ method }: Request, methods: readonly string[]): void {
  if (methods.includes(method)) return
  throw new AppError('bad-input', `"${method.slice(0, 20)}" is not known here. Use ${methods.join(' or ')}`, {
    reason: 'method',
    detail: { allow: methods.join(', ') },
  })
}

async function answer(asked: Asked, route: Route, url: URL): Promise<Response> {
  if (route.query) {
    const input = readQuery(route.query, url.searchParams)
    return json({ status: 200, body: toText(await callRoute(asked, route, route.input ? input : undefined)) })
  }
  const body = await readJson(asked.request)
  const call = async () => {
    const data = await callRoute(asked, route, route.input ? body.value : undefined)
    return { answer: { status: 200, body: toText(data) }, requestHash: body.hash }
  }
  return repeatable(await once(asked, { what: `POST ${route.path}`, requestHash: async () => body.hash }, call))
}

/** The body as JSON; nothing at all is an empty object, so that a call without arguments needs no body. */
async function readJson(request: Request): Promise<{ value: unknown; hash: string }> {
  const bytes = await readBody(request)
  const text = new TextDecoder().decode(bytes)
  if (text.trim() === '') return { value: {}, hash: hashToken('') }
  if (!/^application\/json\b/i.test(request.headers.get('content-type') ?? ''))
    throw new AppError('unsupported-media', 'Send the body as JSON, with the header "Content-Type: application/json"')
  try {
    return { value: JSON.parse(text), hash: hashToken(text) }
  } catch {
    throw new AppError('bad-input', 'The body is no JSON', { reason: 'json' })
  }
}

function toText(data: unknown): string {
  return JSON.stringify(data ?? null)
}

function refused(deps: Deps, cause: unknown, { request, facts }: Pick<RestRequest, 'request' | 'facts'>): Response {
  const error = refusalOf(cause)
  if (error.code === 'internal') deps.log.error({ err: cause, requestId: facts.id }, 'A REST call failed')
  const answer = problem(error, facts.id)
  if (error.reason === 'method') answer.headers.set('allow', String(error.detail?.allow ?? ''))
  if (error.status === 401) answer.headers.set('www-authenticate', 'Bearer')
  return request.method === 'HEAD' ? new Response(null, answer) : answer
}
