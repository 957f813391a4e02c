/** A path of the panel to go on to after signing in, never another site's. */
export function safeNext(next: string | null): string {
  const here = 'http://panel.invalid'
  if (!next?.startsWith('/')) return '/'
  const url = URL.parse(next, here)
  return url?.origin === here ? `${url.pathname}${url.search}` : '/'
}
