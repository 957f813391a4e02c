/** `pairingAlphabet` of shared/screens.ts, whose import would bring zod into the page; a test holds them equal. */
export const codeLetters = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'
export const codeLength = 6

/** What was typed or scanned, as the code it means: capitals, without spaces and hyphens, no longer than a code. */
export function cleanCode(typed: string): string {
  return typed
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '')
    .slice(0, codeLength)
}

/** Letters that are in no code, such as O and 0. */
export function hasForeignLetters(code: string): boolean {
  return [...code].some((letter) => !codeLetters.includes(letter))
}
