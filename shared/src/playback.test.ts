import { describe, expect, it, test } from 'vitest'
import {
  type Failures,
  isValidAt,
  type Loop,
  type LoopPlace,
  loopStart,
  nextChangeAt,
  nextRetryAt,
  type Playable,
  pickNext,
  stateAt,
  withFailure,
  withoutFailures,
} from './playback.ts'

const always = { validFrom: null, validUntil: null }
const items = (ids: string): Playable[] => [...ids].map((id) => ({ id, ...always }))
const loop = (ids: string, rest: Partial<Loop<Playable>> = {}): Loop<Playable> => ({
  items: items(ids),
  shuffle: false,
  place: loopStart,
  failures: {},
  playing: null,
  ...rest,
})
const failing = (id: string, retryAt: number): Failures => ({ [id]: { count: 1, reason: 'not-playable', retryAt } })
const at = (now: number, random = () => 0) => ({ now, random })

/** Numbers that look random and are the same in every run. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}

/** What `count` picks in a row give, each of them played. */
function play(from: Loop<Playable>, count: number, random = () => 0): string {
  let { place, playing } = from
  let played = ''
  for (let n = 0; n < count; n++) {
    const picked = pickNext({ ...from, place, playing }, at(0, random))
    if (!picked) break
    place = picked.place
    playing = picked.item.id
    played += picked.item.id
  }
  return played
}

test.each([
  ['off', false, null, null, 5],
  ['live', true, null, null, 5],
  ['waiting', true, 6, null, 5],
  ['live', true, 5, null, 5],
  ['live', true, null, 6, 5],
  ['over', true, null, 5, 5],
  ['live', true, 5, 6, 5],
  ['waiting', true, 8, 3, 5],
] as const)(
  'an ad is %s when enabled is %s, from %s, until %s, at %s',
  (state, enabled, validFrom, validUntil, now) => {
    expect(stateAt({ enabled, validFrom, validUntil }, now)).toBe(state)
    if (enabled) expect(isValidAt({ validFrom, validUntil }, now)).toBe(state === 'live')
  },
)

test.each([
  [[], null],
  [[[null, null]], null],
  [[[3, 9]], 9],
  [
    [
      [7, 9],
      [null, 8],
    ],
    7,
  ],
  [[[5, 5]], null],
] as [[number | null, number | null][], number | null][])(
  'the next change after 5 of %j is at %s',
  (validities, expected) => {
    expect(
      nextChangeAt(
        validities.map(([validFrom, validUntil]) => ({ validFrom, validUntil })),
        5,
      ),
    ).toBe(expected)
  },
)

describe('in order', () => {
  it('plays one after the other and begins again', () => expect(play(loop('abc'), 7)).toBe('abcabca'))
  it('repeats the only item', () => expect(play(loop('a'), 3)).toBe('aaa'))
  it('has nothing in an empty loop', () => expect(pickNext(loop(''), at(0))).toBeNull())

  const place = (lastId: string, lastIndex: number): LoopPlace => ({ lastId, lastIndex, round: [] })
  test.each([
    ['the last one is still there', 'abc', place('b', 1), 'c'],
    ['the last one was moved', 'bac', place('b', 1), 'a'],
    ['the last one was taken out', 'acd', place('b', 1), 'c'],
    ['the last one was taken out at the end', 'ab', place('c', 2), 'a'],
    ['all are new', 'xyz', place('b', 1), 'y'],
  ])('goes on at the right place when %s', (_, ids, where, expected) => {
    expect(pickNext(loop(ids, { place: where }), at(0))?.item.id).toBe(expected)
  })

  it('passes over what is not valid yet or no more', () => {
    const some = [
      { id: 'a', validFrom: 10, validUntil: null },
      { id: 'b', validFrom: null, validUntil: 5 },
      { id: 'c', ...always },
    ]
    expect(pickNext({ ...loop(''), items: some }, at(5))?.item.id).toBe('c')
    expect(pickNext({ ...loop(''), items: some }, at(10))?.item.id).toBe('a')
    expect(pickNext({ ...loop(''), items: some.slice(0, 2) }, at(7))).toBeNull()
  })

  it('passes over what waits after a failure, and takes it again afterwards', () => {
    const waiting = loop('ab', { failures: failing('a', 100) })
    expect(pickNext(waiting, at(99))?.item.id).toBe('b')
    expect(pickNext(waiting, at(100))?.item.id).toBe('a')
    expect(pickNext(loop('a', { failures: failing('a', 100) }), at(99))).toBeNull()
  })
})

describe('shuffled', () => {
  test.each([2, 3, 5, 20])('plays whole rounds of %d without the same twice in a row, across rounds too', (size) => {
    const ids = 'abcdefghijklmnopqrst'.slice(0, size)
    for (let seed = 1; seed <= 50; seed++) {
      const played = play(loop(ids, { shuffle: true }), size * 6, seeded(seed))
      for (let start = 0; start < played.length; start += size) {
        expect([...played.slice(start, start + size)].sort().join('')).toBe(ids)
      }
      expect(played).not.toMatch(/(.)\1/)
    }
  })

  it('repeats the only item', () => expect(play(loop('a', { shuffle: true }), 3)).toBe('aaa'))
  it('is not the same order each time', () => {
    const orders = Array.from({ length: 20 }, (_, seed) => play(loop('abcdef', { shuffle: true }), 6, seeded(seed + 1)))
    expect(new Set(orders).size).toBeGreaterThan(10)
  })
  it('does not repeat what is on when the one picked after it failed', () => {
    const place = { lastId: 'b', lastIndex: 1, round: ['c', 'a', 'b'] }
    const picked = pickNext(loop('abc', { shuffle: true, place, playing: 'a', failures: failing('b', 9) }), at(0))
    expect(picked?.item.id).toBe('c')
  })
  it('takes a new item into the running round', () => {
    const place = { lastId: 'b', lastIndex: 1, round: ['a', 'b'] }
    expect(pickNext(loop('abn', { shuffle: true, place, playing: 'b' }), at(0))?.item.id).toBe('n')
  })
  it('repeats the only one that works while the others wait', () => {
    const shuffled = loop('ab', { shuffle: true, playing: 'a', place: { lastId: 'a', lastIndex: 0, round: ['a'] } })
    expect(pickNext({ ...shuffled, failures: failing('b', 9) }, at(0))?.item.id).toBe('a')
  })
})

describe('failures', () => {
  it('wait longer each time, up to ten minutes', () => {
    let failures: Failures = {}
    const waits: number[] = []
    for (let n = 0; n < 8; n++) {
      failures = withFailure(failures, 'a', { reason: 'stalled', now: 1000 })
      waits.push(((failures.a?.retryAt ?? 0) - 1000) / 1000)
    }
    expect(waits).toEqual([10, 30, 60, 120, 300, 600, 600, 600])
  })
  it('tell when the first one may be tried again', () => {
    const failures = { ...failing('a', 50), ...failing('b', 40), ...failing('c', 10) }
    expect(nextRetryAt(failures, 20)).toBe(40)
    expect(nextRetryAt(failures, 50)).toBeNull()
    expect(nextRetryAt({}, 0)).toBeNull()
  })
  it('are forgotten one by one', () => {
    const failures = { ...failing('a', 50), ...failing('b', 40) }
    expect(withoutFailures(failures, (id) => id === 'a')).toEqual(failing('b', 40))
  })
})
