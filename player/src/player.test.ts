import { describe, expect, it, test } from 'vitest'
import { machine } from './testing/machine.ts'

describe('a loop', () => {
  it('decodes the next one before the switch, in the other layer, and tells what is on', () => {
    const it = machine()
    expect(it.page).toBe('starting')
    expect(it.manifest('abc')).toEqual(['arrange', 'report', 'prepare a0'])
    expect(it.ready()).toEqual(['show a0'])
    expect(it.page).toBe('starting')
    expect(it.shown()).toEqual(['report', 'prepare b1'])
    expect(it.page).toBe('none')
    expect(it.ready()).toEqual([])
    expect(it.ended()).toEqual(['show b1'])
    expect(it.on).toBe('a')
    expect(it.shown()).toEqual(['report', 'prepare c0'])
    expect(it.on).toBe('b')
  })
  it('keeps the old one on the glass until a slow next one is ready', () => {
    const it = machine('ab')
    it.ready()
    it.shown()
    expect(it.ended()).toEqual([])
    expect([it.on, it.page]).toEqual(['a', 'none'])
    expect(it.ready()).toEqual(['show b1'])
  })
  it('plays a single item in both layers in turn', () => {
    const it = machine('a').begin()
    expect(it.next).toBe('a ready')
    expect(it.ended()).toEqual(['show a1'])
    expect(it.shown()).toEqual(['report', 'prepare a0'])
  })
  it('switches a picture by the clock, a film by its end', () => {
    const it = machine('pf', { p: { kind: 'picture', durationMs: 3_000 } }).begin()
    expect(it.wakeAt).toBe(3_000)
    expect(it.time(2_999)).toEqual([])
    expect(it.time(3_000)).toEqual(['show f1'])
    it.shown()
    expect(it.wakeAt).toBeNull()
  })
  it('ignores answers about what is no longer meant', () => {
    const it = machine('abc').begin()
    for (const kind of ['ready', 'shown', 'ended'] as const) expect(it.send({ kind, token: 99 })).toEqual([])
    expect(it.send({ kind: 'failed', token: 99, reason: 'stalled' })).toEqual([])
  })
})

describe('what fails', () => {
  it('is skipped and reported while the current one goes on', () => {
    const it = machine('abc')
    it.ready()
    it.shown()
    expect(it.nextFails()).toEqual(['clear 1', 'report b not-playable', 'prepare c1'])
    expect(it.on).toBe('a')
  })
  it('is tried again in its turn after its back-off', () => {
    const it = machine('ab')
    it.ready()
    it.shown()
    it.nextFails()
    expect(it.next).toBe('a loading')
    it.ready()
    it.now = 9_999
    it.ended()
    it.shown()
    expect(it.next).toBe('a loading')
    it.ready()
    it.now = 10_000
    it.ended()
    it.shown()
    expect(it.next).toBe('b loading')
  })
  it('in the middle is replaced as soon as the next one is ready, and counts once', () => {
    const it = machine('ab')
    it.ready()
    it.shown()
    expect(it.currentFails()).toEqual(['report a stalled'])
    expect(it.currentFails()).toEqual([])
    expect([it.on, it.page]).toEqual(['a', 'none'])
    expect(it.ready()).toEqual(['show b1'])
  })
  it('as the only item gives way to a page, and comes back by itself', () => {
    const it = machine('a').begin()
    expect(it.currentFails()).toEqual(['report a stalled', 'clear 1', 'clear 0', 'report'])
    expect(it.page).toBe('failing')
    expect(it.wakeAt).toBe(10_000)
    expect(it.time(10_000)).toEqual(['prepare a0'])
    expect(it.page).toBe('failing')
    expect(it.ready()).toEqual(['show a0'])
    it.shown()
    expect(it.page).toBe('none')
  })
  it('with everything ends in a page that keeps trying', () => {
    const it = machine('abc')
    expect([it.nextFails(), it.nextFails(), it.nextFails()].map((effects) => effects.at(-1))).toEqual([
      'prepare b0',
      'prepare c0',
      'report c not-playable',
    ])
    expect(it.page).toBe('failing')
    expect(it.wakeAt).toBe(10_000)
  })
  it('on its way to the glass leaves the old one there', () => {
    const it = machine('abc').begin()
    expect(it.ended()).toEqual(['show b1'])
    expect(it.nextFails()).toEqual(['clear 1', 'report b not-playable', 'prepare c1'])
    expect([it.on, it.page]).toEqual(['a', 'none'])
    expect(it.ready()).toEqual(['show c1'])
  })
  it('is forgiven when it ran to its end', () => {
    const it = machine('a')
    it.nextFails()
    it.time(10_000)
    it.begin()
    expect(Object.keys(it.state.failures)).toEqual(['a:a'])
    it.ended()
    expect(it.state.failures).toEqual({})
  })
  it('for want of the network is tried at once when the server answers again, a broken one is not', () => {
    const it = machine('ab')
    it.send({ kind: 'failed', token: 1, reason: 'unreachable' })
    it.nextFails()
    expect(it.page).toBe('failing')
    expect(it.send({ kind: 'online' })).toEqual(['prepare a0'])
  })
})

describe('a new manifest', () => {
  it('lets the current one go on to its end when it is still there', () => {
    const it = machine('abc').begin()
    expect(it.manifest('xab')).toEqual(['arrange', 'report'])
    expect([it.on, it.next]).toEqual(['a', 'b ready'])
  })
  it('replaces what it no longer has, as soon as the next one is ready', () => {
    const it = machine('ab').begin()
    expect(it.manifest('b')).toEqual(['arrange', 'report', 'show b1'])
    expect(it.on).toBe('a')
  })
  it('drops a prepared item that it no longer has', () => {
    const it = machine('abc').begin()
    expect(it.manifest('ac')).toEqual(['arrange', 'report', 'clear 1', 'prepare c1'])
    expect(it.on).toBe('a')
  })
  it('that is empty leads to the page at once, and the next one leads back', () => {
    const it = machine('ab').begin()
    expect(it.manifest('')).toEqual(['arrange', 'report', 'clear 1', 'clear 0', 'report'])
    expect(it.page).toBe('empty')
    expect(it.manifest('n')).toEqual(['arrange', 'report', 'prepare n0'])
  })
  it('with only new addresses changes nothing that plays', () => {
    const it = machine('ab').begin()
    expect(it.manifest('ab', { a: { url: '/media/new' }, b: { url: '/media/new' } })).toEqual(['arrange', 'report'])
    expect(it.state.current?.item.url).toBe('/media/new')
  })
  it('with other bytes for an ad replaces it', () => {
    const it = machine('a').begin()
    expect(it.manifest('a', { a: { sha256: 'other' } })).toEqual(['arrange', 'report', 'clear 1', 'prepare a1'])
    expect(it.state.current?.over).toBe(true)
  })
  it('forgets failures of bytes that were replaced', () => {
    const it = machine('a')
    it.nextFails()
    expect(it.manifest('a', { a: { sha256: 'other' } }).at(-1)).toBe('prepare a0')
  })
  it('that takes away an item on its way to the glass replaces it when it arrived', () => {
    const it = machine('ab').begin()
    it.ended()
    expect(it.manifest('a')).toEqual(['arrange', 'report'])
    expect(it.shown()).toEqual(['report', 'prepare a0'])
    expect(it.ready()).toEqual(['show a0'])
  })
})

describe('validity', () => {
  it('wakes at its borders, begins by itself and ends by itself', () => {
    const it = machine('a', { a: { validFrom: 1_000, validUntil: 5_000 } })
    expect([it.page, it.wakeAt]).toEqual(['empty', 1_000])
    expect(it.time(1_000)).toEqual(['prepare a0'])
    it.begin()
    expect(it.wakeAt).toBe(5_000)
    expect(it.time(5_000)).toEqual(['clear 1', 'clear 0', 'report'])
    expect(it.page).toBe('empty')
  })
  it('is judged when the item is due, not when it was prepared', () => {
    const it = machine('ab', { b: { validUntil: 4_000 } }).begin()
    expect(it.next).toBe('b ready')
    it.now = 4_000
    expect(it.ended()).toEqual(['clear 1', 'prepare a1'])
  })
})

describe('a revoked screen', () => {
  test('forgets what it had and shows its code, whatever is still on the way', () => {
    const it = machine('ab').begin()
    expect(it.send({ kind: 'unpaired' })).toEqual(['clear 0', 'clear 1'])
    expect([it.page, it.on, it.next, it.wakeAt]).toEqual(['pairing', null, null, null])
    expect(it.send({ kind: 'ready', token: 2 })).toEqual([])
    expect(it.send({ kind: 'online' })).toEqual([])
    expect(it.page).toBe('pairing')
    expect(it.manifest('c')).toEqual(['arrange', 'report', 'prepare c0'])
    expect(it.page).toBe('starting')
  })
})
