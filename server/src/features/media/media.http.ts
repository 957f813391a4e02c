import type { Deps } from '../../deps.ts'
import { AppError, toAppError } from '../../errors.ts'
import { isAllowedOrigin } from '../../lib/base-url.ts'
import { limitParts } from '../../rate-limits.ts'
import { type LinkProblem, readObjectLink, readPartLink } from '../../storage/signed-path.ts'
import { type ByteSource, ensurePart, type PartOptions, StorageError } from '../../storage/storage.ts'
import { planDelivery } from './delivery.ts'

const exposed = 'accept-ranges, content-length, content-range, content-disposition, etag'

/**
 * `/media/*`: objects by signed URL (`GET`, `HEAD`), and parts of uploads (`PUT`). `answerError` makes the answer of a
 * refusal; it gets the same CORS headers, so that pages of other origins can read it.
 */
export function mediaHandler(deps: Deps, answerError: (error: unknown, request: Request) => Response) {
  return async (request: Request, baseUrl: string): Promise<Response> => {
    const cors = corsHeaders(deps, request.headers.get('origin'), baseUrl)
    const answer = await answerTo(deps, request).catch((error) => answerError(error, request))
    for (const [name, value] of Object.entries(cors)) answer.headers.set(name, value)
    return answer
  }
}

async function answerTo(deps: Deps, request: Request): Promise<Response> {
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return deliver(deps, request)
    case 'PUT':
      return new Response(null, { status: 204, headers: await receivePart(deps, sentPart(request)) })
    case 'OPTIONS':
      return new Response(null, { status: 204, headers: { 'access-control-max-age': '86400' } })
    default:
      throw new AppError('bad-input', `"${request.method}" is not known here. Use GET, HEAD or PUT`, {
        reason: 'method',
      })
  }
}

async function deliver(deps: Deps, request: Request): Promise<Response> {
  const now = deps.clock.now().getTime()
  const link = readObjectLink(deps.secret, new URL(request.url), now)
  if (typeof link === 'string') throw linkError(link)
  const info = await deps.storage.head(link.key)
  if (!info) throw new AppError('not-found', 'This file is not there any more')
  const { headers } = request
  const asked = {
    range: headers.get('range'),
    ifRange: headers.get('if-range'),
    ifNoneMatch: headers.get('if-none-match'),
  }
  const plan = planDelivery(info, asked, { filename: link.filename, expiresAt: link.expiresAt, now })
  if (request.method === 'HEAD' || !plan.range) return new Response(null, plan)
  const found = await deps.storage.get(link.key, { range: plan.range, signal: request.signal })
  if (!found) throw new AppError('not-found', 'This file is not there any more')
  return new Response(found.body, plan)
}

/** A `PUT` to a signed part URL, as any runtime can say it. */
export type SentPart = PartOptions & {
  readonly url: URL
  readonly contentLength: string | null
  readonly body: ByteSource | null
}

function sentPart(request: Request): SentPart {
  const { url, headers, body, signal } = request
  return { url: new URL(url), contentLength: headers.get('content-length'), body, signal }
}

/**
 * Takes one part of an upload and gives the headers of the answer. The signature names the upload, the part and (in the
 * key) the tenant, so nothing else is looked up.
 */
export async function receivePart(deps: Deps, sent: SentPart): Promise<Record<string, string>> {
  const link = readPartLink(deps.secret, sent.url, deps.clock.now().getTime())
  if (typeof link === 'string') throw linkError(link)
  const { upload, part } = link
  limitParts(deps, upload.key)
  const length = ensurePart(upload, part)
  if (sent.contentLength !== null && Number(sent.contentLength) !== length) {
    throw wrongLength(part, length, sent.contentLength)
  }
  if (!sent.body) throw wrongLength(part, length, '0')
  try {
    const { signal, ownsPieces } = sent
    const stored = await deps.storage.putPart(upload, part, sent.body, { signal, ownsPieces })
    return { etag: `"${stored.etag}"` }
  } catch (error) {
    throw partError(error, part, length)
  }
}

function partError(error: unknown, part: number, length: number): unknown {
  if (!(error instanceof StorageError)) return error
  if (error.code === 'not-found')
    return new AppError('gone', 'The upload takes no more parts: it was completed, cancelled or swept', {
      cause: error,
    })
  if (error.code === 'checksum') return wrongLength(part, length, error.message, error)
  return toAppError(error)
}

function wrongLength(part: number, length: number, sent: string, cause?: unknown): AppError {
  const detail = { part, size: length }
  const what = /^\d+$/.test(sent) ? `${sent} were announced` : sent
  return new AppError('bad-input', `Part ${part} has exactly ${length} bytes. ${what}`, {
    reason: 'part-length',
    detail,
    cause,
  })
}

function linkError(problem: LinkProblem): AppError {
  return problem === 'link-expired'
    ? new AppError('link-expired', 'This link is over. Ask for a new one')
    : new AppError('bad-signature', 'This link was not made by this server, or was changed')
}

/** Pages of the server's own origin need none of these; those of the settings do. */
function corsHeaders(deps: Deps, origin: string | null, baseUrl: string): Record<string, string> {
  const allowed = origin !== null && isAllowedOrigin({ baseUrl }, deps.config.server.origins, origin)
  const others = deps.config.server.origins.length > 0
  const policy = { 'cross-origin-resource-policy': others ? 'cross-origin' : 'same-origin', vary: 'origin' }
  if (!allowed) return policy
  return {
    ...policy,
    'access-control-allow-origin': origin,
    'access-control-allow-methods': 'GET, HEAD, PUT',
    'access-control-allow-headers': 'content-type, range, if-range, if-none-match',
    'access-control-expose-headers': exposed,
  }
}
