import { expect, test } from 'vitest'
import { createTestApp } from '../../../test/test-app.ts'
import { encodeCursor } from '../../lib/cursor.ts'
import { findPage, findPlainPage } from './ads.list.queries.ts'
import { addAds, addAsset, at, code, titles } from './testing/ads.fixtures.ts'

test('filters by tag, state, kind and words go together', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const [live = '', off = '', waiting = '', over = ''] = await addAds(app, owner, ['live', 'off', 'waiting', 'over'])
  const film = await addAsset(app, owner, { kind: 'film', type: 'video/mp4', durationMs: 1000 })
  await app.as(owner).ads.create({ assetId: film.id, title: 'film', tags: ['hall'] })
  await app.as(owner).ads.update({ id: off, enabled: false, tags: ['hall', 'door'], validFrom: at(app, 1) })
  await app.as(owner).ads.update({ id: waiting, validFrom: at(app, 1), tags: ['hall'] })
  await app.as(owner).ads.update({ id: over, validUntil: at(app, 0) })
  await app.as(owner).ads.update({ id: live, validFrom: at(app, 0), validUntil: at(app, 1) })
  expect(await titles(app, owner, { state: 'live' })).toBe('live film')
  expect(await titles(app, owner, { state: 'off' })).toBe('off')
  expect(await titles(app, owner, { state: 'waiting' })).toBe('waiting')
  expect(await titles(app, owner, { state: 'over' })).toBe('over')
  expect(await titles(app, owner, { kind: 'film' })).toBe('film')
  expect(await titles(app, owner, { tag: 'hall' })).toBe('off waiting film')
  expect(await titles(app, owner, { tag: 'hall', kind: 'picture', state: 'waiting' })).toBe('waiting')
  expect(await titles(app, owner, { tag: 'hall', search: 'fil' })).toBe('film')
  expect(await titles(app, owner, { state: 'off', search: 'fil' })).toBe('')
  expect(await titles(app, owner, { tag: 'ha' })).toBe('')
  app.clock.advance(1)
  expect(await titles(app, owner, { state: 'live' })).toBe('waiting film')
  expect(await titles(app, owner, { state: 'over' })).toBe('live over')
})

test('tags are counted, without those of removed ads', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const ids = await addAds(app, owner, ['a', 'b', 'c'])
  await app.as(owner).ads.tagMany({ ids, add: ['hall', '春节'] })
  await app.as(owner).ads.tagMany({ ids: ids.slice(0, 1), add: ['door'], remove: ['春节'] })
  await app.as(owner).ads.remove({ ids: ids.slice(2) })
  expect(await app.as(owner).ads.tags()).toEqual({
    tags: [
      { tag: 'door', count: 1 },
      { tag: 'hall', count: 2 },
      { tag: '春节', count: 1 },
    ],
  })
})

test('the list comes in pages without a gap, a double or a removed ad', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const ids = await addAds(app, owner, ['a', 'b', 'c', 'd', 'e', 'f'])
  await app.as(owner).ads.remove({ ids: ids.slice(2, 3) })
  const first = await app.as(owner).ads.list({ limit: 2 })
  const second = await app.as(owner).ads.list({ limit: 2, cursor: first.nextCursor })
  const third = await app.as(owner).ads.list({ limit: 2, cursor: second.nextCursor })
  expect([first, second, third].map(({ items }) => items.map((ad) => ad.title).join(''))).toEqual(['ab', 'de', 'f'])
  expect(third.nextCursor).toBeNull()
  for (const cursor of ['nonsense', encodeCursor(['a', 'b']), encodeCursor([1, '\0']), encodeCursor([1])]) {
    await expect(app.as(owner).ads.list({ cursor })).rejects.toEqual(code('bad-input'))
  }
})

test('the plain list, which has a shorter way, has the same rows as every other', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const ids = await addAds(app, owner, ['a', 'b'])
  const validUntil = at(app, 5000)
  await app.as(owner).ads.update({ id: ids[0] ?? '', tags: ['春节', 'x'], validUntil, durationMs: 3000, enabled: true })
  const filter = { tenantId: owner.tenantId, after: null, limit: 10, now: app.clock.now() }
  const rows = await findPage(app.db.read, filter)
  expect(await findPlainPage(app.db.read, filter)).toEqual(rows)
  expect(rows[0]?.ad).toMatchObject({
    tags: ['春节', 'x'],
    validUntil: new Date(validUntil),
    removedAt: null,
    enabled: true,
  })
})
