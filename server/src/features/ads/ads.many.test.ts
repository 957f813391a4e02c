import { expect, test } from 'vitest'
import { createTestApp } from '../../../test/test-app.ts'
import { newId } from '../../lib/id.ts'
import { addAds, addAsset, at, code, revision, titles } from './testing/ads.fixtures.ts'

test('tags put on one ad at the same time all stay', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const ids = await addAds(app, owner, ['a'])
  await Promise.all(['u', 'v', 'w', 'x'].map((tag) => app.as(owner).ads.tagMany({ ids, add: [tag] })))
  const [ad] = (await app.as(owner).ads.list({})).items
  expect(new Set(ad?.tags)).toEqual(new Set(['u', 'v', 'w', 'x']))
})

test('many are switched at once, in the order asked for, with one announcement', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const [a = '', b = '', c = ''] = await addAds(app, owner, ['a', 'b', 'c'])
  const before = await revision(app, owner)
  const { ads, revision: after } = await app.as(owner).ads.setEnabled({ ids: [c, a, c], enabled: false })
  expect(ads.map((ad) => [ad.title, ad.state])).toEqual([
    ['c', 'off'],
    ['a', 'off'],
  ])
  expect(after).toBe(before + 1)
  expect(await titles(app, owner, { state: 'live' })).toBe('b')
  expect((await app.as(owner).ads.setEnabled({ ids: [b], enabled: false })).revision).toBe(before + 2)
})

test('where one id is not there, many at once changes none', async () => {
  await using app = await createTestApp()
  const [owner, other] = [await app.tenant(), await app.tenant()]
  const mine = await addAds(app, owner, ['a', 'b'])
  const foreign = await addAds(app, other, ['x'])
  const before = await revision(app, owner)
  for (const ids of [
    [...mine, newId()],
    [...mine, ...foreign],
  ]) {
    await expect(app.as(owner).ads.setEnabled({ ids, enabled: false })).rejects.toEqual(code('not-found'))
    await expect(app.as(owner).ads.tagMany({ ids, add: ['t'] })).rejects.toEqual(code('not-found'))
    await expect(app.as(owner).ads.remove({ ids })).rejects.toEqual(code('not-found'))
    await expect(app.as(owner).ads.restore({ ids })).rejects.toEqual(code('not-found'))
  }
  expect(await titles(app, owner, { state: 'live' })).toBe('a b')
  expect(await app.as(owner).ads.tags()).toEqual({ tags: [] })
  expect(await titles(app, other)).toBe('x')
  expect(await revision(app, owner)).toBe(before)
})

test('more than twenty tags on an ad are refused for all', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const ids = await addAds(app, owner, ['a', 'b'])
  const many = Array.from({ length: 20 }, (_, n) => `t${n}`)
  await app.as(owner).ads.tagMany({ ids: ids.slice(1), add: many })
  await expect(app.as(owner).ads.tagMany({ ids, add: ['one more'] })).rejects.toEqual(code('bad-input', 'tags'))
  expect((await app.as(owner).ads.list({ tag: 'one more' })).items).toEqual([])
})

test('a removed ad comes back to its place within 30 s, with its tags and words', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const [a = '', b = ''] = await addAds(app, owner, ['a', 'b', 'c'])
  await app.as(owner).ads.tagMany({ ids: [b], add: ['hall'] })
  const removed = await app.as(owner).ads.remove({ ids: [b] })
  expect(removed).toMatchObject({ ids: [b], undoUntil: at(app, 30_000) })
  expect(await titles(app, owner)).toBe('a c')
  expect(await titles(app, owner, { search: 'b' })).toBe('')
  await expect(app.as(owner).ads.get({ id: b })).rejects.toEqual(code('not-found'))
  await expect(app.as(owner).ads.update({ id: b, title: 'x' })).rejects.toEqual(code('not-found'))
  await expect(app.as(owner).ads.remove({ ids: [b] })).rejects.toEqual(code('not-found'))
  await expect(app.as(owner).ads.move({ id: a, after: b })).rejects.toEqual(code('not-found'))
  app.clock.advance(29_999)
  const { ads } = await app.as(owner).ads.restore({ ids: [b] })
  expect(ads.map((ad) => ad.title)).toEqual(['b'])
  expect(await titles(app, owner)).toBe('a b c')
  expect(await titles(app, owner, { search: 'b', tag: 'hall' })).toBe('b')
  app.clock.advance(60_000)
  await app.jobs.runDue()
  expect(await titles(app, owner)).toBe('a b c')
})

test('after 30 s a removed ad is gone, and its bytes go when no other ad shows them', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const [shared, alone] = [await addAsset(app, owner), await addAsset(app, owner)]
  const one = await app.as(owner).ads.create({ assetId: shared.id, title: 'one' })
  const two = await app.as(owner).ads.create({ assetId: shared.id, title: 'two' })
  const three = await app.as(owner).ads.create({ assetId: alone.id, title: 'three' })
  await app.as(owner).ads.remove({ ids: [one.ad.id, three.ad.id] })
  app.clock.advance(29_999)
  await app.jobs.runDue()
  expect(await app.storage.head(alone.key)).toMatchObject({ size: 3 })
  app.clock.advance(1)
  await expect(app.as(owner).ads.restore({ ids: [one.ad.id] })).rejects.toEqual(code('gone'))
  await app.jobs.runDue()
  await expect(app.as(owner).ads.restore({ ids: [one.ad.id] })).rejects.toEqual(code('not-found'))
  expect(await app.storage.head(alone.key)).toBeNull()
  expect(await app.storage.head(shared.key)).toMatchObject({ size: 3 })
  await app.as(owner).ads.remove({ ids: [two.ad.id] })
  app.clock.advance(30_000)
  await app.jobs.runDue()
  expect(await app.storage.head(shared.key)).toBeNull()
  expect(await app.db.read.$count(app.db.read.tables.ads)).toBe(0)
  expect(await app.db.read.$count(app.db.read.tables.adTags)).toBe(0)
  expect(await app.db.read.$count(app.db.read.tables.assets)).toBe(0)
})

test('an ad that is removed again after an undo has its 30 s anew', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const ids = await addAds(app, owner, ['a'])
  await app.as(owner).ads.remove({ ids })
  app.clock.advance(20_000)
  await app.as(owner).ads.restore({ ids })
  await app.as(owner).ads.remove({ ids })
  app.clock.advance(20_000)
  await app.jobs.runDue()
  await app.as(owner).ads.restore({ ids })
  expect(await titles(app, owner)).toBe('a')
})
