import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { isAllowedOrigin } from '../lib/base-url.ts'

/** Bodies above this many bytes are refused before they are parsed; the largest honest one is a poster. */
const maxBody = 4 * 1024 * 1024
const maxDepth = 40

/** A page of another origin may not use a visitor's cookies here. Scripts send no Origin, and no cookie of a visitor. */
export function refuseForeignPages(deps: Deps, request: Request): void {
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
export function refuseKeyInUrl(request: Request): void {
  if (/mq_[A-Za-z0-9]/.test(request.url))
    throw new AppError(
      'key-in-url',
      'A key in a URL ends in logs. Send it as "Authorization: Bearer …", and revoke this one',
    )
}

/** All bytes of a body, bounded, and not nested deeper than a parser likes. */
export async function readBody(request: Request, maxBytes = maxBody): Promise<Uint8Array<ArrayBuffer>> {
  const tooLarge = () => new AppError('too-large', `A call may have ${maxBytes} bytes`, { detail: { maxBytes } })
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge()
  const chunks: Uint8Array[] = []
  let size = 0
  // The cast is true: a body of a Request is a stream of byte arrays.
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength
    if (size > maxBytes) throw tooLarge()
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
