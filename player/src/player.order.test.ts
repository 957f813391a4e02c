import { describe, expect, it } from 'vitest'
import { type Event, initial, step } from './player.ts'
import { machine, manifest, name, type Row } from './testing/machine.ts'

describe('an ad that is told to be shown at once', () => {
  it('is made ready behind what plays, is shown without waiting for its end, and the loop goes on', () => {
    const it = machine('abc').begin()
    expect([it.on, it.next]).toEqual(['a', 'b ready'])
    expect(it.order('1', 'x', { loop: 'abc' })).toEqual(['arrange', 'report', 'clear 1', 'prepare x1'])
    expect(it.on).toBe('a')
    expect(it.ready()).toEqual(['show x1'])
    expect(it.shown()).toEqual(['done', 'report', 'prepare b0'])
    expect(it.on).toBe('x')
    expect(it.ready()).toEqual([])
    expect(it.ended()).toEqual(['show b0'])
    it.shown()
    expect([it.on, it.next]).toEqual(['b', 'c loading'])
  })

  it('is shown once, however often the manifest names it, also after a reload', () => {
    const it = machine('ab').begin()
    it.order('1', 'x', { loop: 'ab' })
    it.ready()
    it.shown()
    it.ready()
    expect(it.order('1', 'x', { loop: 'ab' })).toEqual(['arrange', 'report'])
    it.ended()
    it.shown()
    expect(it.on).toBe('b')
    const reloaded = step({ ...initial, done: '1' }, orderOf('1', 'x'), { now: 0, random: () => 0 })
    expect(reloaded.effects.map(name)).toEqual(['arrange', 'report', 'prepare a0'])
  })

  it('is shown again by another order, also while it plays', () => {
    const it = machine('ab').begin()
    for (const id of ['1', '2']) {
      it.order(id, 'x', { loop: 'ab' })
      it.ready()
      expect(it.shown()[0]).toBe('done')
      expect(it.on).toBe('x')
    }
  })

  it('waits for a switch that is under way', () => {
    const it = machine('abc').begin()
    it.ended()
    expect(it.next).toBe('b showing')
    expect(it.order('1', 'x', { loop: 'abc' })).toEqual(['arrange', 'report'])
    expect(it.shown()).toEqual(['report', 'prepare x0'])
    it.ready()
    it.shown()
    expect([it.on, it.next]).toEqual(['x', 'c loading'])
  })

  it('is left out when it is not ready in time, and nothing of the loop is skipped for it', () => {
    const it = machine('abc').begin()
    it.order('1', 'x', { loop: 'abc', until: 5_000 })
    expect(it.wakeAt).toBe(5_000)
    expect(it.time(5_000)).toEqual(['clear 1', 'prepare b1'])
    expect(it.order('1', 'x', { loop: 'abc', until: 5_000 })).toEqual(['arrange', 'report'])
    expect([it.on, it.next]).toEqual(['a', 'b loading'])
  })

  it('is given up when it can not be played, and the loop goes on', () => {
    const it = machine('abc').begin()
    it.order('1', 'x', { loop: 'abc' })
    expect(it.nextFails()).toEqual(['done', 'clear 1', 'report x not-playable', 'prepare b1'])
    expect(it.order('1', 'x', { loop: 'abc' })).toEqual(['arrange', 'report'])
  })

  it('plays on a screen that has nothing else, which is empty again afterwards', () => {
    const it = machine('')
    expect(it.page).toBe('empty')
    it.order('1', 'x', { loop: '' })
    it.ready()
    it.shown()
    expect([it.on, it.page]).toEqual(['x', 'none'])
    expect(it.ended()).toEqual(['clear 0', 'report'])
    expect(it.page).toBe('empty')
  })

  it('may be one that waits for its first day', () => {
    const it = machine('ab').begin()
    const event = orderOf('1', 'x', { x: { validFrom: 1_000_000 } })
    expect(it.send(event)).toContain('prepare x1')
    it.ready()
    it.shown()
    expect(it.time(1_000)).toEqual([])
    expect(it.on).toBe('x')
  })
})

it('says of each ad when it began, also of one that begins again', () => {
  const it = machine('a')
  it.now = 1_000
  it.ready()
  it.shown()
  it.ready()
  it.now = 6_000
  it.ended()
  it.shown()
  expect(it.began).toEqual([
    { adId: 'a', at: 1_000 },
    { adId: 'a', at: 6_000 },
  ])
})

function orderOf(id: string, adId: string, rows: Record<string, Row> = {}): Event {
  const [item] = manifest(adId, rows).items
  return { kind: 'manifest', manifest: { ...manifest('ab'), now: item ? { id, item, until: 60_000 } : null } }
}
