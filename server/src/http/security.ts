/** What panel and player may load: their own files, and media and posters of this server. */
const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self'",
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

/** Headers that every answer gets, unless it says otherwise itself. */
export function secure(response: Response): Response {
  const set = (name: string, value: string) => {
    if (!response.headers.has(name)) response.headers.set(name, value)
  }
  set('x-content-type-options', 'nosniff')
  set('referrer-policy', 'same-origin')
  set('content-security-policy', contentSecurityPolicy)
  set('x-frame-options', 'DENY')
  set('cross-origin-opener-policy', 'same-origin')
  set('permissions-policy', 'camera=(self), microphone=(self), geolocation=()')
  return response
}
