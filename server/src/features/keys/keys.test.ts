import { describe, expect, test, vi } from 'vitest'
import { openBrowser } from '../../../test/browser.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { findKeyActor } from './keys.usecases.ts'

const input = { name: 'Till', scopes: ['ads:read' as const] }

describe('a key', () => {
  test('names its tenant and scopes to whoever holds it', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant('one')
    const { key, secret } = await app.as(owner).keys.create(input)
    expect(secret).toMatch(/^mq_\S{43}$/)
    expect(await findKeyActor(app.deps, secret)).toEqual({
      kind: 'key',
      keyId: key.id,
      name: 'Till',
      tenantId: 'one',
      scopes: ['ads:read'],
      purpose: key.purpose,
    })
    const script = openBrowser(app, { key: secret })
    expect((await script.call((api) => api.ads.list({}))).items).toEqual([])
    const change = script.call((api) => api.tenants.update({ name: 'Mine' }))
    await expect(change).rejects.toMatchObject({ cause: { code: 'not-allowed' } })
  })
  test('is in the answer once: later its first letters are, and the database has a hash', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const { key, secret } = await app.as(owner).keys.create(input)
    const list = await app.as(owner).keys.list()
    expect(list.items).toEqual([key])
    expect(secret.startsWith(key.prefix)).toBe(true)
    expect(key.prefix).toHaveLength(9)
    const { apiKeys, activity, events } = app.db.read.tables
    const rows = await Promise.all([apiKeys, activity, events].map((table) => app.db.read.select().from(table)))
    expect(JSON.stringify([rows, list, app.log.lines])).not.toContain(secret.slice(9))
  })
  test('is refused at once when it was revoked, and its subscriptions are told', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant('one')
    const { key, secret } = await app.as(owner).keys.create(input)
    const script = openBrowser(app, { key: secret })
    await script.call((api) => api.ads.list({}))
    const heard: unknown[] = []
    app.events.listen(({ tenantId, kind, subjectId }) => heard.push([tenantId, kind, subjectId]))
    await app.as(owner).keys.revoke({ id: key.id })
    await expect(script.call((api) => api.ads.list({}))).rejects.toMatchObject({ cause: { code: 'wrong-credentials' } })
    expect(heard).toContainEqual(['one', 'access.changed', key.id])
    expect((await app.as(owner).keys.list()).items).toEqual([])
    await expect(app.as(owner).keys.revoke({ id: key.id })).rejects.toMatchObject({ cause: { code: 'not-found' } })
  })
  test('ends at the time it was made for', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const expiresAt = new Date(app.clock.now().getTime() + 60_000).toISOString()
    const { secret } = await app.as(owner).keys.create({ ...input, expiresAt })
    expect(await findKeyActor(app.deps, secret)).not.toBeNull()
    app.clock.advance(60_000)
    expect(await findKeyActor(app.deps, secret)).toBeNull()
    await expect(app.as(owner).keys.create({ ...input, expiresAt })).rejects.toMatchObject({
      cause: { code: 'bad-input' },
    })
  })
  test('says when it was last used, to the minute', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const { secret } = await app.as(owner).keys.create(input)
    await findKeyActor(app.deps, secret)
    const used = app.clock.now().toISOString()
    await vi.waitFor(async () => expect((await app.as(owner).keys.list()).items[0]?.lastUsedAt).toBe(used))
  })
  test('is made, listed and revoked by owners alone', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const { key } = await app.as(owner).keys.create(input)
    for (const actor of [
      await app.member(owner, 'viewer'),
      await app.member(owner, 'editor'),
      app.key(owner, ['ads:write']),
    ]) {
      const api = app.as(actor)
      for (const one of [api.keys.create(input), api.keys.list(), api.keys.revoke({ id: key.id })]) {
        await expect(one).rejects.toMatchObject({ cause: { code: 'not-allowed' } })
      }
    }
  })
  test('of another tenant is not there', async () => {
    await using app = await createTestApp()
    const [owner, stranger] = [await app.tenant(), await app.tenant()]
    const { key, secret } = await app.as(stranger).keys.create(input)
    await expect(app.as(owner).keys.revoke({ id: key.id })).rejects.toMatchObject({ cause: { code: 'not-found' } })
    expect((await app.as(owner).keys.list()).items).toEqual([])
    expect(await findKeyActor(app.deps, secret)).not.toBeNull()
  })
  test('of nonsense names nobody', async () => {
    await using app = await createTestApp()
    for (const bearer of ['', 'mq_', 'mq_x', 'x'.repeat(10_000), "mq_' OR 1=1 --"])
      expect(await findKeyActor(app.deps, bearer)).toBeNull()
  })
  test('needs a name and scopes of the list', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const wrong = [
      { name: '', scopes: ['ads:read'] },
      { name: 'x', scopes: [] },
      { name: 'x', scopes: ['tenant:write'] },
      { name: 'x', scopes: ['ads:read'], expiresAt: 'tomorrow' },
    ]
    for (const one of wrong) {
      // Wrong on purpose: what a client without types may send.
      await expect(app.as(owner).keys.create(one as typeof input)).rejects.toMatchObject({
        cause: { code: 'bad-input' },
      })
    }
  })
})
