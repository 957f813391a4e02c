import { minPasswordLength } from '@marquee/shared/accounts.ts'
import { describe, expect, it } from 'vitest'
import { safeNext } from './next.ts'
import { leastPassword } from './password.ts'

describe('where signing in leads', () => {
  it('is a path of the panel', () => {
    expect(safeNext('/pair?code=ABC234')).toBe('/pair?code=ABC234')
    expect(safeNext(null)).toBe('/')
  })
  it('is never another site', () => {
    for (const evil of [
      'https://evil.example',
      '//evil.example',
      '/\\evil.example',
      'javascript:alert(1)',
      '/\t/evil.example',
    ])
      expect(safeNext(evil)).toMatch(/^\/(?![/\\])/)
  })
  it('asks for passwords as long as the shared schema', () => {
    expect(leastPassword).toBe(minPasswordLength)
  })
})
