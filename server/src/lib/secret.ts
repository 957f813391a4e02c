import {
  createHash,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'

/** Keys for different purposes from one secret, so that a signature made for one is worthless for another. */
export function makeSecret(root: string) {
  // Key objects: from a buffer `createHmac` would make one each time, which costs four times the HMAC itself.
  const keys = new Map<string, KeyObject>()
  const keyOf = (purpose: string) => {
    const known = keys.get(purpose)
    if (known) return known
    const made = createSecretKey(Buffer.from(hkdfSync('sha256', root, 'marquee', purpose, 32)))
    keys.set(purpose, made)
    return made
  }
  const sign = (purpose: string, text: string) => createHmac('sha256', keyOf(purpose)).update(text).digest('base64url')
  return {
    /** HMAC-SHA256 in base64url, 43 characters. */
    sign,
    verify(purpose: string, text: string, signature: string): boolean {
      const [wanted, given] = [Buffer.from(sign(purpose, text)), Buffer.from(signature)]
      return wanted.length === given.length && timingSafeEqual(wanted, given)
    },
    /** 32 bytes in base64url, for a library that wants a secret of its own. */
    derive: (purpose: string) => keyOf(purpose).export().toString('base64url'),
  }
}

/** How tokens are stored: SHA-256 in hexadecimal. They are long and random, so a slow hash would add nothing. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

/** A new token that nobody can guess: 256 random bits in base64url, 43 characters. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}
