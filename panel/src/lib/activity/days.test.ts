import { describe, expect, it } from 'vitest'
import { byDay, nearness } from './days.ts'

describe('days of the activity', () => {
  const entries = [
    { at: '2026-11-24T16:30:00.000Z' },
    { at: '2026-11-24T15:30:00.000Z' },
    { at: '2026-11-23T10:00:00.000Z' },
  ]
  it('are those of the tenant’s calendar', () => {
    expect(byDay(entries, 'Asia/Shanghai').map(({ date, items }) => [date, items.length])).toEqual([
      ['2026-11-25', 1],
      ['2026-11-24', 1],
      ['2026-11-23', 1],
    ])
    expect(byDay(entries, 'UTC')).toHaveLength(2)
  })
  it('are called today and yesterday', () => {
    const now = Date.parse('2026-11-24T17:00:00.000Z')
    expect(nearness('2026-11-25', 'Asia/Shanghai', now)).toBe('today')
    expect(nearness('2026-11-24', 'Asia/Shanghai', now)).toBe('yesterday')
    expect(nearness('2026-11-23', 'Asia/Shanghai', now)).toBeNull()
  })
})
