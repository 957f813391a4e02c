/**
 * What panel and player may load: their own files, and media and posters of this server. `scripts` are hashes of scripts
 * that stand inside a page, as `sha256-…`.
 */
export function contentSecurityPolicy(scripts: readonly string[] = []): string {
  return [
    "default-src 'self'",
    ["script-src 'self'", ...scripts.map((hash) => `'${hash}'`)].join(' '),
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}
const plainPolicy = contentSecurityPolicy()

/** Headers that every answer gets, unless it says otherwise itself. */
export function secure(response: Response): Response {
  const set = (name: string, value: string) => {
    if (!response.headers.has(name)) response.headers.set(name, value)
  }
  set('x-content-type-options', 'nosniff')
  set('referrer-policy', 'same-origin')
  set('content-security-policy', plainPolicy)
  set('x-frame-options', 'DENY')
  set('cross-origin-opener-policy', 'same-origin')
  set('permissions-policy', 'camera=(self), microphone=(self), geolocation=()')
  return response
}
