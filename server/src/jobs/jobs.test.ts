import { expect, it } from 'vitest'
import { openTestDb } from '../../test/test-db.ts'
import { testClock, testLog } from '../../test/test-deps.ts'
import type { Db } from '../db/db.ts'
import { openJobs } from './open-jobs.ts'

async function setUp() {
  const test = await openTestDb()
  const clock = testClock()
  const log = testLog()
  const open = (db: Db) => openJobs({ db, clock, log })
  return { ...test, clock, log, open, jobs: open(test.db), [Symbol.asyncDispose]: () => test[Symbol.asyncDispose]() }
}

it('runs a job if and only if its transaction commits', async () => {
  await using t = await setUp()
  const ran: unknown[] = []
  t.jobs.handle('k', async (job) => void ran.push(job.payload))
  const failing = t.db.write(async (tx) => {
    await t.jobs.add(tx, { kind: 'k', uniqueKey: '1', payload: { never: true } })
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  await t.db.write((tx) => t.jobs.add(tx, { kind: 'k', uniqueKey: '2', payload: { n: 2 } }))
  expect(await t.jobs.runDue()).toBe(1)
  expect(await t.jobs.runDue()).toBe(0)
  expect(ran).toEqual([{ n: 2 }])
})

it('waits for its time, and adding again moves it', async () => {
  await using t = await setUp()
  const ran: unknown[] = []
  t.jobs.handle('k', async (job) => void ran.push(job.payload))
  const at = (ms: number) => new Date(t.clock.now().getTime() + ms)
  await t.db.write((tx) => t.jobs.add(tx, { kind: 'k', uniqueKey: '1', payload: { n: 1 }, runAt: at(1_000) }))
  await t.db.write((tx) => t.jobs.add(tx, { kind: 'k', uniqueKey: '1', payload: { n: 2 }, runAt: at(5_000) }))
  t.clock.advance(2_000)
  expect(await t.jobs.runDue()).toBe(0)
  t.clock.advance(4_000)
  expect(await t.jobs.runDue()).toBe(1)
  expect(ran).toEqual([{ n: 2 }])
})

it('does not run what was cancelled', async () => {
  await using t = await setUp()
  t.jobs.handle('k', async () => expect.unreachable())
  await t.db.write((tx) => t.jobs.add(tx, { kind: 'k', uniqueKey: '1' }))
  await t.db.write((tx) => t.jobs.cancel(tx, 'k', '1'))
  expect(await t.jobs.runDue()).toBe(0)
})

it('tries a failed job again with growing pauses, ten times', async () => {
  await using t = await setUp()
  let tries = 0
  t.jobs.handle('k', async () => {
    tries++
    throw new Error('broken')
  })
  await t.db.write((tx) => t.jobs.add(tx, { kind: 'k', uniqueKey: '1' }))
  expect(await t.jobs.runDue()).toBe(1)
  expect(await t.jobs.runDue()).toBe(0)
  for (let n = 0; n < 15; n++) {
    t.clock.advance(1_000_000_000)
    await t.jobs.runDue()
  }
  expect(tries).toBe(10)
  expect(t.log.lines.at(-1)?.text).toBe('A job failed for good')
})

it('runs a job on one process at a time', async () => {
  await using t = await setUp()
  const other = t.open(await t.openAgain())
  let running = 0
  let most = 0
  const ran: string[] = []
  for (const [name, jobs] of [
    ['here', t.jobs],
    ['there', other],
  ] as const) {
    jobs.handle('k', async (job) => {
      most = Math.max(most, ++running)
      await t.db.ping()
      ran.push(`${name} ${job.id}`)
      running--
    })
  }
  await t.db.write(async (tx) => {
    for (let n = 0; n < 20; n++) await t.jobs.add(tx, { kind: 'k', uniqueKey: String(n) })
  })
  const counts = await Promise.all([t.jobs.runDue(), other.runDue()])
  expect(counts[0] + counts[1]).toBe(20)
  expect(new Set(ran.map((one) => one.split(' ')[1])).size).toBe(20)
  expect(most).toBeLessThanOrEqual(2)
})

it('runs again a job whose process died, once its lock ended', async () => {
  await using t = await setUp()
  const dead = t.open(await t.openAgain())
  let release = () => {}
  const started = new Promise<void>((resolve) => {
    dead.handle('k', () => {
      resolve()
      return new Promise<void>((end) => {
        release = end
      })
    })
  })
  await t.db.write((tx) => t.jobs.add(tx, { kind: 'k', uniqueKey: '1' }))
  const hanging = dead.runDue()
  await started
  let ran = 0
  t.jobs.handle('k', async () => void ran++)
  expect(await t.jobs.runDue()).toBe(0)
  t.clock.advance(6 * 60 * 1000)
  expect(await t.jobs.runDue()).toBe(1)
  expect(ran).toBe(1)
  release()
  await hanging
})

it('runs a period once per round, however many processes there are, and goes on after a failure', async () => {
  await using t = await setUp()
  const other = t.open(await t.openAgain())
  let ran = 0
  for (const jobs of [t.jobs, other]) {
    jobs.every('sweep', 60_000, async () => {
      if (++ran === 2) throw new Error('once')
    })
  }
  for (let round = 0; round < 4; round++) {
    await t.jobs.runDue()
    await other.runDue()
    t.clock.advance(60_001)
  }
  expect(ran).toBe(4)
})

it('stops after the running job, which hears of it when the grace is over', async () => {
  await using t = await setUp()
  let aborted = false
  const started = new Promise<void>((resolve) => {
    t.jobs.handle('k', (_job, signal) => {
      resolve()
      return new Promise<void>((end) => {
        signal.addEventListener('abort', () => {
          aborted = true
          end()
        })
      })
    })
  })
  await t.db.write((tx) => t.jobs.add(tx, { kind: 'k', uniqueKey: '1' }))
  t.jobs.start()
  await started
  await t.jobs.stop(20)
  expect(aborted).toBe(true)
})
