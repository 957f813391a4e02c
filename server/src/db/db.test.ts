import { randomUUID } from 'node:crypto'
import { desc, eq, sql } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { waitFor } from '../../test/program.ts'
import { openTestDb } from '../../test/test-db.ts'
import type { Db, Tx } from './db.ts'

// The promises of `db.ts`, on SQLite and, in the second round, on Postgres.

const at = new Date(1_700_000_000_123)
const tenant = (id: string) => ({ id, name: id, createdAt: at })
const addTenant = (db: Db, id: string) => db.write((tx) => tx.insert(tx.tables.tenants).values(tenant(id)))
const countTenants = (db: Db) => db.read.$count(db.read.tables.tenants)

it('gives rows back with the types of the schema', async () => {
  await using t = await openTestDb()
  const [row] = await t.db.write((tx) => tx.insert(tx.tables.tenants).values(tenant('a')).returning())
  const quotas = { quotaBytes: null, quotaAds: null, quotaScreens: null, quotaKeys: null }
  const fields = { id: 'a', name: 'a', timeZone: 'UTC', pictureDurationMs: 10_000, revision: 1, createdAt: at }
  expect(row).toEqual({ ...fields, ...quotas })
  const key = {
    id: randomUUID(),
    tenantId: 'a',
    name: 'k',
    prefix: 'p',
    tokenHash: 'h',
    scopes: ['ads:read' as const],
    purpose: 'agent' as const,
    createdBy: 'x',
    createdAt: at,
  }
  const [stored] = await t.db.write((tx) => tx.insert(tx.tables.apiKeys).values(key).returning())
  expect(stored).toEqual({ ...key, lastUsedAt: null, expiresAt: null, revokedAt: null })
})

it('keeps sizes above 2^32 exact', async () => {
  await using t = await openTestDb()
  const size = Number.MAX_SAFE_INTEGER
  const upload = {
    id: 'u',
    tenantId: 'a',
    category: 'ads' as const,
    fileName: 'f',
    size,
    key: 'k',
    storageId: 's',
    partSize: 1,
    state: 'open' as const,
    createdBy: 'x',
    createdAt: at,
    expiresAt: at,
  }
  await t.db.write((tx) => tx.insert(tx.tables.uploads).values(upload))
  expect((await t.db.read.select().from(t.db.read.tables.uploads))[0]?.size).toBe(size)
})

it('leaves nothing of a failed write', async () => {
  await using t = await openTestDb()
  const failing = t.db.write(async (tx) => {
    await tx.insert(tx.tables.tenants).values(tenant('a'))
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  expect(await countTenants(t.db)).toBe(0)
  await addTenant(t.db, 'b')
  expect(await countTenants(t.db)).toBe(1)
})

it('shows nothing of a write that is not committed, and takes no other write along when it fails', async () => {
  await using t = await openTestDb()
  let release: () => void = () => undefined
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  let inside = false
  const slow = t.db.write(async (tx) => {
    await tx.insert(tx.tables.tenants).values(tenant('slow'))
    inside = true
    await gate
    throw new Error('rolled back')
  })
  await waitFor(() => inside || null)
  expect(await countTenants(t.db)).toBe(0)
  const other = addTenant(t.db, 'other')
  release()
  await expect(slow).rejects.toThrow('rolled back')
  await other
  expect((await t.db.read.select().from(t.db.read.tables.tenants)).map(({ id }) => id)).toEqual(['other'])
})

it('loses no update of 100 at once', async () => {
  await using t = await openTestDb()
  await addTenant(t.db, 'a')
  await Promise.all(
    Array.from({ length: 100 }, () =>
      t.db.write(async (tx) => {
        const { tenants } = tx.tables
        await tx
          .update(tenants)
          .set({ revision: sql`${tenants.revision} + 1` })
          .where(eq(tenants.id, 'a'))
      }),
    ),
  )
  expect((await t.db.read.select().from(t.db.read.tables.tenants))[0]?.revision).toBe(101)
})

it('refuses a change through read', async () => {
  await using t = await openTestDb()
  // What the type hides is tried on purpose.
  const sneaky = t.db.read as unknown as Tx
  await expect(async () => sneaky.insert(sneaky.tables.tenants).values(tenant('a'))).rejects.toThrow()
  expect(await countTenants(t.db)).toBe(0)
})

it('refuses a write inside a write at once, and goes on', async () => {
  await using t = await openTestDb()
  await expect(t.db.write(() => addTenant(t.db, 'inner'))).rejects.toMatchObject({
    name: 'DbError',
    code: 'nested-write',
  })
  await addTenant(t.db, 'after')
  expect(await countTenants(t.db)).toBe(1)
})

it('says unique when a row exists already', async () => {
  await using t = await openTestDb()
  await addTenant(t.db, 'a')
  await expect(addTenant(t.db, 'a')).rejects.toMatchObject({ name: 'DbError', code: 'unique' })
})

it('keeps references whole: a row goes with what it belongs to, and can not point to nothing', async () => {
  await using t = await openTestDb()
  await addTenant(t.db, 'a')
  const invitation = {
    id: 'i',
    tenantId: 'a',
    role: 'viewer' as const,
    tokenHash: 'h',
    createdBy: 'x',
    expiresAt: at,
    createdAt: at,
  }
  await t.db.write((tx) => tx.insert(tx.tables.invitations).values(invitation))
  await expect(
    t.db.write((tx) =>
      tx.insert(tx.tables.invitations).values({ ...invitation, id: 'j', tokenHash: 'g', tenantId: 'none' }),
    ),
  ).rejects.toThrow()
  await t.db.write((tx) => tx.delete(tx.tables.tenants).where(eq(tx.tables.tenants.id, 'a')))
  expect(await t.db.read.$count(t.db.read.tables.invitations)).toBe(0)
})

it('orders text by its bytes, so that pages fit together on both databases', async () => {
  await using t = await openTestDb()
  for (const id of ['b', 'B', 'a', '_', '中', 'Z', 'ä']) await addTenant(t.db, id)
  const { tenants } = t.db.read.tables
  const ids = (await t.db.read.select({ id: tenants.id }).from(tenants).orderBy(desc(tenants.id))).map(({ id }) => id)
  expect(ids).toEqual(['中', 'ä', 'b', 'a', '_', 'Z', 'B'])
})

it('tells of commits, those of another process too', async () => {
  await using t = await openTestDb()
  const elsewhere = await t.openAgain()
  let heard = 0
  const stop = t.db.onCommit(() => {
    heard++
  })
  await addTenant(t.db, 'a')
  await waitFor(() => heard || null)
  heard = 0
  await elsewhere.write(async (tx) => {
    await tx.insert(tx.tables.tenants).values(tenant('b'))
    await tx.insert(tx.tables.events).values({ tenantId: 'b', kind: 'ads.changed', createdAt: at })
  })
  await waitFor(() => heard || null)
  stop()
})

it('rejects a ping once it is closed, and may be closed twice', async () => {
  await using t = await openTestDb()
  await t.db.ping()
  await t.db.close()
  await expect(t.db.ping()).rejects.toThrow()
  await t.db.close()
})
