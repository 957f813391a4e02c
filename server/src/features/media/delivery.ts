import type { ByteRange, StoredInfo } from '../../storage/storage.ts'

/** What of a request decides how an object is delivered. Names of headers as in HTTP, values as they came. */
export type Asked = {
  readonly range: string | null | undefined
  readonly ifRange: string | null | undefined
  readonly ifNoneMatch: string | null | undefined
}
export type Delivery = {
  readonly status: 200 | 206 | 304 | 416
  readonly headers: Record<string, string>
  /** The bytes to send with `GET`; null for none. */
  readonly range: ByteRange | null
}
export type Terms = { readonly filename: string | null; readonly expiresAt: number; readonly now: number }

const yearSeconds = 31_536_000
/** Types that browsers show and that can't run anything. All else is a download. */
const shown = /^(?:image\/(?:jpeg|png|webp|gif|avif)|video\/(?:mp4|quicktime|webm))$/
const sandbox = "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"

/**
 * The answer to a request for an object: 200, 206, 304 or 416 with all headers. One range is served; several ranges, or
 * one that is no range, get the whole object, as HTTP allows.
 */
export function planDelivery(info: StoredInfo, asked: Asked, terms: Terms): Delivery {
  const etag = `"${info.etag}"`
  if (asked.ifNoneMatch && matches(asked.ifNoneMatch, etag)) {
    return { status: 304, headers: cacheHeaders(etag, terms), range: null }
  }
  const modified = info.modifiedAt.toUTCString()
  const headers = allHeaders(info, { etag, modified }, terms)
  const current = !asked.ifRange || asked.ifRange === etag || asked.ifRange === modified
  const range = asked.range && current ? parseRange(asked.range, info.size) : null
  if (range === 'outside') {
    headers['content-range'] = `bytes */${info.size}`
    headers['content-length'] = '0'
    headers['cache-control'] = 'no-store'
    return { status: 416, headers, range: null }
  }
  if (!range) {
    headers['content-length'] = String(info.size)
    return { status: 200, headers, range: info.size > 0 ? { start: 0, end: info.size - 1 } : null }
  }
  headers['content-range'] = `bytes ${range.start}-${range.end}/${info.size}`
  headers['content-length'] = String(range.end - range.start + 1)
  return { status: 206, headers, range }
}

/** A single range, cut to the object; null if it is to be ignored, `outside` if nothing of it is there. */
export function parseRange(value: string, size: number): ByteRange | 'outside' | null {
  const found = /^bytes=(\d*)-(\d*)$/.exec(value.trim())
  const [, first = '', last = ''] = found ?? []
  if (!found || (first === '' && last === '')) return null
  if (first === '') {
    const length = Math.min(Number(last), size)
    return length === 0 ? 'outside' : { start: size - length, end: size - 1 }
  }
  const start = Number(first)
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (last !== '' && Number(last) < start) return null
  return start >= size ? 'outside' : { start, end }
}

/** What a 304 has to say again; a cache takes over whatever headers it has. */
function cacheHeaders(etag: string, { expiresAt, now }: Terms): Record<string, string> {
  const life = Math.max(0, Math.min(yearSeconds, Math.floor((expiresAt - now) / 1000)))
  // A key is never given to other bytes, but the link dies.
  const cacheControl = `public, max-age=${life}, immutable`
  return { etag, 'cache-control': cacheControl, vary: 'origin', 'content-security-policy': sandbox }
}

function allHeaders(info: StoredInfo, { etag, modified }: { etag: string; modified: string }, terms: Terms) {
  const safe = shown.test(info.type)
  const headers: Record<string, string> = {
    ...cacheHeaders(etag, terms),
    'last-modified': modified,
    'accept-ranges': 'bytes',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'content-type': safe ? info.type : 'application/octet-stream',
    'content-disposition': disposition(safe ? 'inline' : 'attachment', terms.filename),
  }
  return headers
}

/** RFC 6266: the plain name for old clients, the true one in UTF-8. */
export function disposition(kind: 'inline' | 'attachment', filename: string | null): string {
  if (filename === null) return kind
  const plain = filename.replace(/[^\x20-\x7e]|["\\%]/g, '_')
  const encoded = encodeURIComponent(filename.toWellFormed()).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `${kind}; filename="${plain}"; filename*=UTF-8''${encoded}`
}

function matches(ifNoneMatch: string, etag: string): boolean {
  return ifNoneMatch.trim() === '*' || ifNoneMatch.split(',').some((one) => one.trim().replace(/^W\//, '') === etag)
}
