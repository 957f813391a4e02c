import { describe, expect, it } from 'vitest'
import { createFormat } from './format.ts'

const en = createFormat('en')
const zh = createFormat('zh-CN')

describe('numbers and times as people write them', () => {
  it('show sizes by the thousand, with one digit where it says something', () => {
    expect(en.bytes(0)).toBe('0 byte')
    expect(en.bytes(999)).toBe('999 byte')
    expect(en.bytes(1_500)).toBe('1.5 kB')
    expect(en.bytes(524_288_000)).toBe('524 MB')
    expect(zh.bytes(1_500_000)).toMatch(/1\.5/)
  })
  it('show lengths as players do', () => {
    expect(en.length(8_200)).toBe('0:08')
    expect(en.length(65_000)).toBe('1:05')
    expect(en.length(3_723_000)).toBe('1:02:03')
  })
  it('say how long ago something was, in the language', () => {
    const now = Date.parse('2026-11-24T12:00:00.000Z')
    expect(en.ago('2026-11-24T11:59:50.000Z', now)).toBe('now')
    expect(en.ago('2026-11-24T11:57:00.000Z', now)).toMatch(/3 min/)
    expect(zh.ago('2026-11-22T12:00:00.000Z', now)).toMatch(/前天|2天前/)
  })
  it('say stretches roughly', () => {
    expect(en.stretch(400)).toBe('1 second')
    expect(en.stretch(130_000)).toBe('2 minutes')
    expect(zh.stretch(10_000)).toMatch(/10\s?秒/)
  })
})
