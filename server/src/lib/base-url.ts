/** What follows from the address under which a caller reaches this server (`deps.baseUrl`). */
type Reached = { readonly baseUrl: string }

/** Whether cookies may be kept from unencrypted connections. */
export function isSecure({ baseUrl }: Reached): boolean {
  return baseUrl.startsWith('https:')
}

/** A link of a storage for the caller: those of this server are paths, which start with `/`. */
export function absoluteUrl({ baseUrl }: Reached, link: string): string {
  return link.startsWith('/') ? baseUrl + link : link
}

/** Whether pages of this origin may use the server: its own, and `others`, those of the settings. */
export function isAllowedOrigin({ baseUrl }: Reached, others: readonly string[], origin: string): boolean {
  return origin === new URL(baseUrl).origin || others.includes(origin)
}
