import { pairingAlphabet, pairingCodeLength } from '@marquee/shared/screens.ts'
import { describe, expect, it } from 'vitest'
import { cleanCode, codeLength, codeLetters, hasForeignLetters } from './pairing-code.ts'
import { progressOf } from './screens.svelte.ts'

describe('a pairing code', () => {
  it('is read as typed: small letters, spaces and hyphens are forgiven', () => {
    expect(cleanCode(' abc-d2 3')).toBe('ABCD23')
    expect(cleanCode('ABCDEFGH')).toBe('ABCDEF')
  })
  it('has no letters that look alike', () => {
    expect(hasForeignLetters('ABCD23')).toBe(false)
    expect(hasForeignLetters('ABCDO0')).toBe(true)
  })
  it('has the letters of the shared schema', () => {
    expect([codeLetters, codeLength]).toEqual([pairingAlphabet, pairingCodeLength])
  })
})

describe('how far a change is', () => {
  it('counts screens that play it or something newer, and says which can’t yet', () => {
    const screens = [
      { revision: 5, online: true },
      { revision: 7, online: false },
      { revision: 4, online: true },
      { revision: 3, online: false },
    ]
    expect(progressOf(screens, 5)).toEqual({ done: 2, all: 4, away: 1 })
    expect(progressOf([], 5)).toEqual({ done: 0, all: 0, away: 0 })
  })
})
