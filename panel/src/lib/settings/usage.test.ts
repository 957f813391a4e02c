import { describe, expect, it } from 'vitest'
import { fullness, shareOf } from './usage.ts'

describe('usage', () => {
  it('is near its limit from 80 % on, and full at it or above', () => {
    const at = (used: number, limit: number | null) => fullness({ used, limit })
    expect([at(79, 100), at(80, 100), at(99, 100), at(100, 100), at(120, 100)]).toEqual([
      'free',
      'near',
      'near',
      'full',
      'full',
    ])
    expect([at(5, null), at(0, 0)]).toEqual(['free', 'full'])
  })

  it('fills its bar by its share, and never above it', () => {
    expect([
      shareOf({ used: 5, limit: 10 }),
      shareOf({ used: 20, limit: 10 }),
      shareOf({ used: 0, limit: 0 }),
      shareOf({ used: 3, limit: null }),
    ]).toEqual([0.5, 1, 1, 0])
  })
})
