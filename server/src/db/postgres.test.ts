import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPostgres, type TestPostgres } from '../../test/postgres.ts'
import { waitFor } from '../../test/program.ts'
import { migrations } from '../../test/test-deps.ts'
import { toAppError } from '../errors.ts'
import type { Db } from './db.ts'
import { openDb } from './open-db.ts'

// A server of its own, which can be stopped. The round on SQLite leaves this file out.
describe('postgres', () => {
  let server: TestPostgres
  beforeAll(async () => {
    server = await startPostgres()
  }, 60_000)
  afterAll(() => server?.stop())
  const open = () => openDb({ databaseUrl: server.url, dataDir: '', migrations })
  const mark = (db: Db, name: string) => db.write((tx) => tx.insert(tx.tables.marks).values({ name, value: 'x' }))

  it('is migrated once by processes that start together', async () => {
    const all = await Promise.all([open(), open(), open()])
    await mark(all[0], 'first')
    for (const db of all) await db.close()
  })

  it('fails with a sentence while the server restarts under load, loses nothing that it acknowledged, and goes on by itself', async () => {
    const db = await open()
    const acknowledged: string[] = []
    const refusals = new Set<string>()
    let stop = false
    const load = Array.from({ length: 4 }, async (_, worker) => {
      for (let n = 0; !stop; n++) {
        const name = `load-${worker}-${n}`
        try {
          await mark(db, name)
          acknowledged.push(name)
          await db.read.$count(db.read.tables.marks)
        } catch (error) {
          refusals.add(toAppError(error).code)
          await new Promise((resolve) => setTimeout(resolve, 5))
        }
      }
    })
    await waitFor(() => acknowledged.length > 50 || null)
    await server.restart('immediate')
    const before = acknowledged.length
    await waitFor(() => acknowledged.length > before + 50 || null)
    stop = true
    await Promise.all(load)
    expect([...refusals]).toEqual(['unavailable'])
    const { marks } = db.read.tables
    const stored = new Set((await db.read.select({ name: marks.name }).from(marks)).map(({ name }) => name))
    expect(acknowledged.filter((name) => !stored.has(name))).toEqual([])
    await db.close()
  }, 120_000)

  it('hears of commits of others again after a restart', async () => {
    const db = await open()
    const elsewhere = await open()
    let heard = 0
    db.onCommit(() => {
      heard++
    })
    await server.restart('fast')
    // The first call says that it listens again.
    await waitFor(() => heard || null)
    heard = 0
    await waitFor(async () => {
      await elsewhere
        .write((tx) =>
          tx.insert(tx.tables.events).values({ tenantId: 'a', kind: 'ads.changed', createdAt: new Date() }),
        )
        .catch(() => undefined)
      return heard || null
    })
    await elsewhere.close()
    await db.close()
  }, 120_000)

  it('says what to do when there is no server', async () => {
    await expect(
      openDb({ databaseUrl: 'postgres://nobody@127.0.0.1:1/none', dataDir: '', migrations }),
    ).rejects.toMatchObject({
      name: 'DbError',
      code: 'unavailable',
      message: expect.stringContaining('DATABASE_URL'),
    })
  })
})
