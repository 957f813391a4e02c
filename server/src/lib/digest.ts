import { createHash } from 'node:crypto'

/** SHA-256 of bytes as they come. */
export type Digest = { update(bytes: Uint8Array): void; hex(): string }

export function newDigest(): Digest {
  const hash = createHash('sha256')
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') }
}
