import { approvalHeader } from '@marquee/shared/approvals.ts'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { approvalGate } from '../features/approvals/approvals.gate.usecases.ts'
import { screenStream } from '../features/live/live.http.ts'
import { isAllowedOrigin } from '../lib/base-url.ts'
import { appRouter } from '../router.ts'
import { type Context, fromTrpc, type RequestFacts } from '../trpc.ts'
import { whoIs } from './who.ts'

/** Bodies above this many bytes are refused before they are parsed; the largest honest one is a poster. */
const maxBody = 4 * 1024 * 1024
const maxDepth = 40

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

/** A page of another origin may not use a visitor's cookies here. Scripts send no Origin, and no cookie of a visitor. */
function refuseForeignPages(deps: Deps, request: Request): void {
  const origin = request.headers.get('origin')
  if (origin !== null && !isAllowedOrigin(deps, deps.config.server.origins, origin)) {
    throw new AppError(
      'wrong-origin',
      `Pages of "${origin.slice(0, 100)}" may not use this server. Add the origin to MARQUEE_ORIGINS`,
    )
  }
  if (origin === null && request.headers.get('sec-fetch-site') === 'cross-site')
    throw new AppError('wrong-origin', 'Pages of another site may not use this server')
}

/** Keys in URLs end in logs and histories. */
function refuseKeyInUrl(request: Request): void {
  if (/mq_[A-Za-z0-9]/.test(request.url))
    throw new AppError(
      'key-in-url',
      'A key in a URL ends in logs. Send it as "Authorization: Bearer …", and revoke this one',
    )
}

async function readBody(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  const tooLarge = () =>
    new AppError('too-large', `A call may have ${maxBody} bytes`, { detail: { maxBytes: maxBody } })
  if (Number(request.headers.get('content-length') ?? 0) > maxBody) throw tooLarge()
  const chunks: Uint8Array[] = []
  let size = 0
  // The cast is true: a body of a Request is a stream of byte arrays.
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength
    if (size > maxBody) throw tooLarge()
    chunks.push(chunk)
  }
  const body = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    body.set(chunk, at)
    at += chunk.byteLength
  }
  refuseDeepJson(body)
  return body
}

/** Nesting is counted on the bytes, outside of strings, so that a parser or validator never recurses into it. */
function refuseDeepJson(body: Uint8Array): void {
  let depth = 0
  let inString = false
  for (let at = 0; at < body.length; at++) {
    const byte = body[at]
    if (inString) {
      if (byte === 0x5c) at++
      else if (byte === 0x22) inString = false
    } else if (byte === 0x22) inString = true
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > maxDepth) throw new AppError('bad-input', `JSON may be nested ${maxDepth} deep`)
    } else if (byte === 0x7d || byte === 0x5d) depth--
  }
}
