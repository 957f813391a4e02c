import { expect, it } from 'vitest'
import { openTestDb } from '../../test/test-db.ts'
import { testClock } from '../../test/test-deps.ts'
import type { Db } from '../db/db.ts'
import type { Events } from './events.ts'
import { openEvents } from './open-events.ts'

async function setUp() {
  const test = await openTestDb()
  const clock = testClock()
  const errors: unknown[] = []
  const open = (db: Db) => openEvents({ db, clock, onError: (error) => errors.push(error) })
  const events = await open(test.db)
  return {
    ...test,
    clock,
    errors,
    events,
    open,
    async [Symbol.asyncDispose]() {
      await events.close()
      await test[Symbol.asyncDispose]()
    },
  }
}

/** Appends one event in a transaction of its own. */
function append(db: Db, events: Events, tenantId: string, subjectId: string) {
  return db.write((tx) => events.append(tx, { tenantId, kind: 'ads.changed', subjectId }))
}

/** Reads `count` events of a subscription, then ends it. */
async function take(events: Events, tenantId: string, { afterId, count }: { afterId: number | null; count: number }) {
  const stop = new AbortController()
  const seen: { id: number; what: string | null }[] = []
  for await (const event of events.subscribe(tenantId, { afterId, signal: stop.signal })) {
    seen.push({ id: event.id, what: 'subjectId' in event ? event.subjectId : event.kind })
    if (seen.length === count) stop.abort()
  }
  return seen.map(({ what }) => what)
}

it('gives an event of a committed transaction exactly once, in order', async () => {
  await using t = await setUp()
  const reading = take(t.events, 'a', { afterId: null, count: 50 })
  for (let n = 0; n < 50; n++) await append(t.db, t.events, 'a', String(n))
  expect(await reading).toEqual(Array.from({ length: 50 }, (_, n) => String(n)))
  expect(t.errors).toEqual([])
})

it('never shows an event of a failed transaction', async () => {
  await using t = await setUp()
  const reading = take(t.events, 'a', { afterId: null, count: 1 })
  const failing = t.db.write(async (tx) => {
    await t.events.append(tx, { tenantId: 'a', kind: 'ads.changed', subjectId: 'never' })
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  await append(t.db, t.events, 'a', 'kept')
  expect(await reading).toEqual(['kept'])
})

it('gives a subscriber events of its own tenant only', async () => {
  await using t = await setUp()
  const reading = take(t.events, 'a', { afterId: null, count: 1 })
  await append(t.db, t.events, 'b', 'foreign')
  await append(t.db, t.events, 'a', 'own')
  expect(await reading).toEqual(['own'])
})

it('resumes behind the last id with nothing lost and nothing twice, while new events arrive', async () => {
  await using t = await setUp()
  const start = await t.events.lastId()
  for (let n = 0; n < 1200; n++) await append(t.db, t.events, n % 2 ? 'a' : 'b', String(n))
  const reading = take(t.events, 'a', { afterId: start, count: 650 })
  for (let n = 1200; n < 1300; n++) await append(t.db, t.events, n % 2 ? 'a' : 'b', String(n))
  expect(await reading).toEqual(Array.from({ length: 650 }, (_, n) => String(2 * n + 1)))
})

it('hears of commits by another process', async () => {
  await using t = await setUp()
  const elsewhere = await t.openAgain()
  const theirs = await t.open(elsewhere)
  const reading = take(t.events, 'a', { afterId: null, count: 2 })
  await append(elsewhere, theirs, 'a', 'from elsewhere')
  await append(t.db, t.events, 'a', 'from here')
  expect((await reading).sort()).toEqual(['from elsewhere', 'from here'])
  await theirs.close()
})

it('gives ids in the order of commits when two processes append at once', async () => {
  await using t = await setUp()
  const elsewhere = await t.openAgain()
  const theirs = await t.open(elsewhere)
  const reading = take(t.events, 'a', { afterId: await t.events.lastId(), count: 200 })
  const write = async (db: Db, events: Events, name: string) => {
    for (let n = 0; n < 100; n++) await append(db, events, 'a', `${name}${n}`)
  }
  await Promise.all([write(t.db, t.events, 'x'), write(elsewhere, theirs, 'y')])
  const seen = await reading
  expect(new Set(seen).size).toBe(200)
  await theirs.close()
})

it('says reset when what was missed is purged', async () => {
  await using t = await setUp()
  const start = await t.events.lastId()
  await append(t.db, t.events, 'a', 'old')
  t.clock.advance(1_000)
  expect(await t.events.purge(t.clock.now())).toBe(1)
  expect(await take(t.events, 'a', { afterId: start, count: 1 })).toEqual(['reset'])
})

it('says reset for an id that was never given, as after a restored backup', async () => {
  await using t = await setUp()
  expect(await take(t.events, 'a', { afterId: 1_000_000, count: 1 })).toEqual(['reset'])
})

it('goes on from the last purged id without a reset', async () => {
  await using t = await setUp()
  await append(t.db, t.events, 'a', 'old')
  const last = await t.events.lastId()
  t.clock.advance(1_000)
  await t.events.purge(t.clock.now())
  const reading = take(t.events, 'a', { afterId: last, count: 1 })
  await append(t.db, t.events, 'a', 'new')
  expect(await reading).toEqual(['new'])
})

it('tells a subscriber that does not keep up to read anew', async () => {
  await using t = await setUp()
  const stop = new AbortController()
  const slow = t.events.subscribe('a', { afterId: null, signal: stop.signal })[Symbol.asyncIterator]()
  const first = slow.next()
  await t.db.write(async (tx) => {
    for (let n = 0; n < 1_500; n++)
      await t.events.append(tx, { tenantId: 'a', kind: 'ads.changed', subjectId: String(n) })
  })
  await first
  await t.events.lastId()
  expect((await slow.next()).value).toMatchObject({ kind: 'reset', id: await t.events.lastId() })
  await append(t.db, t.events, 'a', 'after')
  expect((await slow.next()).value).toMatchObject({ subjectId: 'after' })
  stop.abort()
})

it('ends without an error when its signal does, and when the events close', async () => {
  await using t = await setUp()
  const never = take(t.events, 'a', { afterId: null, count: 1 })
  await append(t.db, t.events, 'b', 'foreign')
  await t.events.close()
  expect(await never).toEqual([])
})
