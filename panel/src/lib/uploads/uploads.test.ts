import { describe, expect, it } from 'vitest'
import { arrivedShare, mayRetry } from './uploads.svelte.ts'

describe('uploads', () => {
  it('say how much has arrived', () => {
    expect(arrivedShare({ arrived: [1, 2], partCount: 8 })).toBe(0.25)
    expect(arrivedShare({ arrived: [], partCount: 0 })).toBe(0)
  })
  it('offer another try only where it can help', () => {
    expect(mayRetry({ data: { code: 'unavailable' } })).toBe(true)
    expect(mayRetry(new TypeError('Failed to fetch'))).toBe(true)
    expect(mayRetry({ reason: 'video-codec', detail: {} })).toBe(false)
    expect(mayRetry({ data: { code: 'too-large' } })).toBe(false)
  })
})
