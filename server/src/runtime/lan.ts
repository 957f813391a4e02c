import { networkInterfaces } from 'node:os'
import type { Config } from '../config.ts'

/** Addresses of this machine in its networks, IPv4, private ones first. */
export function lanAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  const found = all.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address)
  const isPrivate = (address: string) => /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(address)
  return [...found.filter(isPrivate), ...found.filter((address) => !isPrivate(address))]
}

/** Under which address other devices of the network reach the server, or null when it listens for this machine alone. */
export function lanUrlOf({ server: { host, publicUrl } }: Config, port: number): string | null {
  if (publicUrl !== undefined) return null
  if (host !== '0.0.0.0' && host !== '::') return null
  const [address] = lanAddresses()
  return address === undefined ? null : `http://${address}:${port}`
}
