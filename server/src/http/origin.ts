import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'

/**
 * Under which address the caller reaches us. A set public URL always wins. Else the Host header is believed only if it
 * names an address or this machine, never a foreign name: so a poisoned or rebound host gets no links and no session.
 */
export function baseUrlOf(config: Config, request: Request): string {
  const url = new URL(request.url)
  const { publicUrl, trustProxy } = config.server
  const host =
    (trustProxy > 0 ? request.headers.get('x-forwarded-host') : null) ?? request.headers.get('host') ?? url.host
  const scheme =
    (trustProxy > 0 ? request.headers.get('x-forwarded-proto')?.split(',')[0]?.trim() : null) ??
    url.protocol.replace(':', '')
  if (publicUrl !== undefined) {
    if (host === new URL(publicUrl).host || isOwnName(host)) return publicUrl
    throw wrongHost(host)
  }
  if (!isOwnName(host)) throw wrongHost(host)
  return `${scheme === 'https' ? 'https' : 'http'}://${host}`
}

function wrongHost(host: string): AppError {
  return new AppError(
    'wrong-origin',
    `This server is not known as "${host.slice(0, 100)}". Set MARQUEE_PUBLIC_URL to the address that people use`,
  )
}

/** IPv4, IPv6 in brackets, localhost, or a name without dots or under `.local` (found on the local network only). */
function isOwnName(host: string): boolean {
  const name = host.replace(/:\d+$/, '')
  return (
    /^\d{1,3}(\.\d{1,3}){3}$/.test(name) ||
    /^\[[0-9a-f:.]+\]$/i.test(name) ||
    /^[a-z0-9-]+(\.local|\.localhost)?$/i.test(name)
  )
}

/** The caller's address: of the socket, or what the nearest trusted proxy says of it. */
export function addressOf(config: Config, request: Request, socketAddress: string): string {
  const { trustProxy } = config.server
  if (trustProxy === 0) return socketAddress
  const hops = (request.headers.get('x-forwarded-for') ?? '')
    .split(',')
    .map((hop) => hop.trim())
    .filter(Boolean)
  return hops.at(-trustProxy) ?? hops[0] ?? socketAddress
}
