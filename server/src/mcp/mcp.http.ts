import type { McpServerFactory, ServerContext } from '@modelcontextprotocol/server'
import type { AnyRouter } from '@trpc/server'
import { z } from 'zod'
import type { Deps } from '../deps.ts'
import { AppError, toAppError } from '../errors.ts'
import { readBody, refuseForeignPages, refuseKeyInUrl } from '../http/checks.ts'
import { askedOnce, whoHoldsKey } from '../http/who.ts'
import { appRouter } from '../router.ts'
import type { RequestFacts } from '../trpc.ts'
import type { Door } from './door.ts'
import { answerQuickly } from './quick-call.ts'
import { keep, type Watched } from './resources.ts'
import { takeSeat } from './seats.ts'
import { makeServer } from './server.ts'
import { openSession } from './sessions.ts'

/** A message has ids and short texts; files go to signed addresses. */
const maxBody = 512 * 1024
/** Only clients of 2025-03 send several messages at once, and never many. */
const maxBatch = 20

type Asked = { readonly request: Request; readonly facts: RequestFacts; readonly router?: AnyRouter }

/** Answers `/mcp`: a key and nothing else opens it. `deps.baseUrl` is the caller's. */
export async function handleMcp(deps: Deps, { request, facts, router = appRouter }: Asked): Promise<Response> {
  try {
    refuseForeignPages(deps, request)
    refuseKeyInUrl(request)
    const who = askedOnce(whoHoldsKey(deps, request.headers))
    const actor = await who.actor()
    if (actor.kind !== 'key') throw new AppError('not-signed-in', 'Send an API key as "Authorization: Bearer …"')
    const body = request.method === 'POST' && isJson(request) ? await readMessage(request) : undefined
    const door: Door = { deps, facts, who, router }
    const sessionId = request.headers.get('mcp-session-id')
    const answer = sessionId === null && (await answerQuickly(door, { request, body, actor }))
    if (answer) return answer
    const { keyId, tenantId } = actor
    const seat = takeSeat(deps, { keyId, tenantId, who: whoHoldsKey(deps, request.headers) }, factory)
    asked.set(request, { door, watched: seat.watched })
    for (const uri of listenedTo(body)) keep(seat.watched.subscribed, uri)
    if (sessionId !== null) {
      const session = seat.sessions.get(sessionId)
      return session ? await session.handle(request, body) : failure(404, sessionNotFound, 'Session not found')
    }
    if (isInitialize(body)) return await openSession(deps, { seat, actor, door, doorOf }, { request, body })
    return await seat.handler.fetch(request, body === undefined ? {} : { parsedBody: body })
  } catch (cause) {
    return refusal(deps, cause, facts.id)
  }
}

const parseError = -32700
const invalidRequest = -32600
const internalError = -32603
const sessionNotFound = -32001
/** "Implementation-defined server error": refused before anybody looked at the message. */
const refusedAtTheDoor = -32000

/** Whose request it is, for the servers behind the SDK's handlers, which hand the request through. */
const asked = new WeakMap<Request, { readonly door: Door; readonly watched: Watched }>()

function askedBy(request: Request | undefined) {
  const found = request && asked.get(request)
  if (found) return found
  throw new TypeError('A request came to the MCP server past the door')
}

function doorOf({ http }: ServerContext): Door {
  return askedBy(http?.req).door
}

/** Makes the server for one request that needs no session. */
const factory: McpServerFactory = async ({ requestInfo }) => {
  const { door, watched } = askedBy(requestInfo)
  return makeServer({ doorOf, watched }, door, await door.who.actor())
}

function isJson(request: Request): boolean {
  return /^application\/json\b/i.test(request.headers.get('content-type') ?? '')
}

async function readMessage(request: Request): Promise<unknown> {
  const bytes = await readBody(request, maxBody)
  const message = parse(bytes)
  if (!Array.isArray(message) || (message.length > 0 && message.length <= maxBatch)) return message
  throw new AppError('bad-input', `Send 1 to ${maxBatch} messages at once`, { reason: 'batch' })
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    throw new AppError('bad-input', 'The body is no JSON', { reason: 'json' })
  }
}

function isInitialize(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'method' in body && body.method === 'initialize'
}

/** URIs that a client of the protocol since 2026 wants to hear of. */
function listenedTo(body: unknown): string[] {
  const parsed = listening.safeParse(body)
  return parsed.success ? parsed.data.params.notifications.resourceSubscriptions : []
}

const listening = z.object({
  method: z.literal('subscriptions/listen'),
  params: z.object({ notifications: z.object({ resourceSubscriptions: z.array(z.string()).max(1_000) }) }),
})

/** An error before any server of the protocol was asked, in the protocol's form. */
function refusal(deps: Deps, cause: unknown, requestId: string): Response {
  const error = toAppError(cause)
  if (error.code === 'internal') deps.log.error({ err: cause, requestId }, 'An MCP request failed')
  const code =
    error.reason === 'json'
      ? parseError
      : error.reason === 'batch'
        ? invalidRequest
        : error.status >= 500
          ? internalError
          : refusedAtTheDoor
  return failure(error.status, code, error.message, error)
}

function failure(status: number, code: number, message: string, error?: AppError): Response {
  const data = error && { code: error.code, ...(error.detail && { detail: error.detail }) }
  const headers = new Headers({ 'content-type': 'application/json', 'cache-control': 'no-store' })
  if (status === 401)
    headers.set(
      'www-authenticate',
      `Bearer realm="Marquee"${error?.code === 'wrong-credentials' ? ', error="invalid_token"' : ''}`,
    )
  if (typeof error?.detail?.retryAfter === 'number') headers.set('retry-after', String(error.detail.retryAfter))
  const body = { jsonrpc: '2.0', error: { code, message, ...(data && { data }) }, id: null }
  return new Response(JSON.stringify(body), { status, headers })
}
