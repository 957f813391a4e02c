/** The built files of the panel, among which is the page of the calls (`panel/static/api`). */
export type Assets = (request: Request) => Promise<Response | null>

/** `/api/`: the page to read and try the calls, with its scripts and styles. Null for everything else. */
export async function pageFor(assets: Assets, request: Request): Promise<Response | null> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return null
  const url = new URL(request.url)
  if (url.pathname === '/api') return new Response(null, { status: 308, headers: { location: '/api/' } })
  if (url.pathname === '/api/') return assets(new Request(new URL('/api/index.html', url), request))
  return /^\/api\/[a-z]+\.(js|css)$/.test(url.pathname) ? assets(request) : null
}
