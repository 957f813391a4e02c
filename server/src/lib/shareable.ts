/**
 * The address to put into a link that another device opens (QR codes, invitations): a link made at `localhost` would
 * lead a phone to itself, so the machine's address in the local network is taken where the server listens there.
 */
export function shareableUrl({ baseUrl, lanUrl }: { baseUrl: string; lanUrl: () => string | null }): string {
  const { hostname } = new URL(baseUrl)
  const isLoopback = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
  return isLoopback ? (lanUrl() ?? baseUrl) : baseUrl
}
