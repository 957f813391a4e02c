import { describe, expect, it } from 'vitest'
import { fromLocal, toLocal } from './zone.ts'

describe('times in the tenant’s zone', () => {
  it('shows an instant by the clock of the zone', () => {
    expect(toLocal('2026-11-24T20:25:00.000Z', 'Asia/Shanghai')).toBe('2026-11-25T04:25')
    expect(toLocal('2026-07-01T00:00:00.000Z', 'America/New_York')).toBe('2026-06-30T20:00')
    expect(toLocal('2026-01-01T00:00:00.000Z', 'Asia/Kathmandu')).toBe('2026-01-01T05:45')
  })
  it('reads it back as the same instant, in winter and summer', () => {
    for (const zone of [
      'Asia/Shanghai',
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'UTC',
      'Pacific/Apia',
    ]) {
      for (const iso of ['2026-01-15T10:07:00.000Z', '2026-07-15T23:59:00.000Z', '2026-03-29T00:59:00.000Z']) {
        expect(fromLocal(toLocal(iso, zone), zone)).toBe(iso)
      }
    }
  })
  it('takes the first of two where clocks go back', () => {
    expect(fromLocal('2026-10-25T02:30', 'Europe/Berlin')).toBe('2026-10-25T00:30:00.000Z')
  })
  it('goes on after the gap where clocks go forward', () => {
    const at = fromLocal('2026-03-29T02:30', 'Europe/Berlin')
    expect(toLocal(at, 'Europe/Berlin')).toBe('2026-03-29T03:30')
  })
  it('refuses what is no time', () => {
    expect(() => fromLocal('tomorrow', 'UTC')).toThrow(RangeError)
  })
})
