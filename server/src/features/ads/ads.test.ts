import { expect, test } from 'vitest'
import { createTestApp } from '../../../test/test-app.ts'
import { announceAds } from './ads.announce.usecases.ts'
import { addAd } from './ads.usecases.ts'
import { addAds, addAsset, at, code, revision, titles } from './testing/ads.fixtures.ts'

test('a new ad has the title of its file, the defaults and the last place', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  await addAds(app, owner, ['first'])
  const asset = await addAsset(app, owner, { fileName: '春节.促销 2026.mp4' })
  const { ad, revision } = await app.as(owner).ads.create({ assetId: asset.id })
  expect(ad).toMatchObject({
    title: '春节.促销 2026',
    description: '',
    tags: [],
    enabled: true,
    validFrom: null,
    validUntil: null,
    durationMs: null,
    fit: 'contain',
    volume: 100,
    state: 'live',
    asset: { id: asset.id, fileName: '春节.促销 2026.mp4' },
  })
  expect(ad.asset.url).toMatch(/^http:\/\/localhost\//)
  expect(revision).toBe(3)
  expect(await titles(app, owner)).toBe('first 春节.促销 2026')
  expect(await app.as(owner).ads.get({ id: ad.id })).toEqual(ad)
})

test.each([
  ['.mp4', '.mp4'],
  ['...', '..'],
  ['photo', 'photo'],
  [`${'😀'.repeat(150)}.png`, '😀'.repeat(100)],
])('a file named %s gives a title that is not empty, not too long and no half character', async (fileName, title) => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const asset = await addAsset(app, owner, { fileName })
  expect((await app.as(owner).ads.create({ assetId: asset.id })).ad.title).toBe(title)
})

test('an ad added inside a transaction is there only if that commits', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const asset = await addAsset(app, owner)
  const add = (fail: boolean) =>
    app.db.write(async (tx) => {
      const row = await addAd(app.deps, owner, { tx, asset, draft: { title: 'mine' } })
      await announceAds(app.deps, { tx, tenantId: owner.tenantId, subjectId: row.id })
      if (fail) throw new Error('broken upload')
    })
  await expect(add(true)).rejects.toThrow('broken upload')
  expect(await titles(app, owner)).toBe('')
  expect(await titles(app, owner, { search: 'mine' })).toBe('')
  await add(false)
  expect(await titles(app, owner, { search: 'mine' })).toBe('mine')
})

test('a picture of an agent is no ad', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const asset = await addAsset(app, owner, { category: 'agent' })
  await expect(app.as(owner).ads.create({ assetId: asset.id })).rejects.toEqual(code('bad-input'))
})

test('an update changes what it names and nothing else', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const [id = ''] = await addAds(app, owner, ['old'])
  const before = await app.as(owner).ads.get({ id })
  app.clock.advance(1000)
  const draft = {
    title: 'new',
    tags: ['b', 'a', 'b'],
    durationMs: 5000,
    fit: 'cover' as const,
    validFrom: at(app, 1000),
    validUntil: at(app, 2000),
  }
  const { ad } = await app.as(owner).ads.update({ id, ...draft })
  expect(ad).toEqual({
    ...before,
    ...draft,
    tags: ['b', 'a'],
    state: 'waiting',
    updatedAt: app.clock.now().toISOString(),
  })
  const cleared = await app.as(owner).ads.update({ id, validFrom: null, durationMs: null })
  expect(cleared.ad).toMatchObject({
    title: 'new',
    validFrom: null,
    validUntil: draft.validUntil,
    durationMs: null,
    tags: ['b', 'a'],
  })
})

test('an ad that would be over before it begins is refused, also when only one end is given', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const [id = ''] = await addAds(app, owner, ['a'])
  const wrong = code('bad-input', 'validity')
  await expect(app.as(owner).ads.update({ id, validFrom: at(app, 1), validUntil: at(app, 0) })).rejects.toEqual(wrong)
  await expect(app.as(owner).ads.update({ id, validFrom: at(app, 1), validUntil: at(app, 1) })).rejects.toEqual(wrong)
  await app.as(owner).ads.update({ id, validUntil: at(app, 5000) })
  await expect(app.as(owner).ads.update({ id, validFrom: at(app, 6000) })).rejects.toEqual(wrong)
  expect(await revision(app, owner)).toBe(3)
})

const outside = [
  { title: '' },
  { title: '   ' },
  { title: 'x'.repeat(201) },
  { durationMs: 999 },
  { durationMs: 3_600_001 },
  { durationMs: 1000.5 },
  { volume: 101 },
  { volume: -1 },
  { tags: Array.from({ length: 21 }, (_, n) => `t${n}`) },
  { tags: [''] },
  { tags: ['x'.repeat(41)] },
  { validFrom: '2026-01-01' },
  { validFrom: '2026-01-01T00:00:00.000+02:00' },
]

test('what is outside the limits is refused and changes nothing', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const [id = ''] = await addAds(app, owner, ['a'])
  const before = await app.as(owner).ads.get({ id })
  for (const draft of outside)
    await expect(app.as(owner).ads.update({ id, ...draft })).rejects.toEqual(code('bad-input'))
  expect(await app.as(owner).ads.get({ id })).toEqual(before)
})

test('every change is noted with who made it and of what', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const [id = '', other = ''] = await addAds(app, owner, ['a', 'b'])
  const key = app.key(owner, ['ads:write', 'ads:read'])
  await app.as(key).ads.update({ id, title: 'c' })
  await app.as(owner).ads.move({ id, after: other })
  await app.as(owner).ads.setEnabled({ ids: [id], enabled: false })
  await app.as(owner).ads.setEnabled({ ids: [id], enabled: true })
  await app.as(owner).ads.tagMany({ ids: [id], add: ['t'] })
  await app.as(owner).ads.remove({ ids: [id] })
  await app.as(owner).ads.restore({ ids: [id] })
  const { items } = await app.as(owner).activity.list({ subject: 'ad', subjectId: id })
  expect(items.map((entry) => entry.action)).toEqual([
    'ad.restore',
    'ad.remove',
    'ad.tag',
    'ad.enable',
    'ad.disable',
    'ad.move',
    'ad.update',
    'ad.create',
  ])
  expect(items[6]).toMatchObject({
    actor: { kind: 'key', id: key.keyId },
    subject: { kind: 'ad', id, name: 'c' },
    detail: { title: 'c' },
  })
})

test('a viewer and a key without the scope look but do not change', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const [id = ''] = await addAds(app, owner, ['a'])
  for (const actor of [await app.member(owner, 'viewer'), app.key(owner, ['ads:read'])]) {
    expect(await app.as(actor).ads.get({ id })).toMatchObject({ title: 'a' })
    await expect(app.as(actor).ads.update({ id, title: 'b' })).rejects.toEqual(code('not-allowed'))
    await expect(app.as(actor).ads.move({ id, after: null })).rejects.toEqual(code('not-allowed'))
    await expect(app.as(actor).ads.remove({ ids: [id] })).rejects.toEqual(code('not-allowed'))
  }
})

test("another tenant's ad or file is not there", async () => {
  await using app = await createTestApp()
  const [owner, other] = [await app.tenant(), await app.tenant()]
  const [id = ''] = await addAds(app, owner, ['secret'])
  const { asset } = await app.as(owner).ads.get({ id })
  const [mine = ''] = await addAds(app, other, ['mine'])
  const absent = code('not-found')
  await expect(app.as(other).ads.get({ id })).rejects.toEqual(absent)
  await expect(app.as(other).ads.update({ id, title: 'x' })).rejects.toEqual(absent)
  await expect(app.as(other).ads.move({ id, after: null })).rejects.toEqual(absent)
  await expect(app.as(other).ads.move({ id: mine, after: id })).rejects.toEqual(absent)
  await expect(app.as(other).ads.create({ assetId: asset.id })).rejects.toEqual(absent)
  expect(await titles(app, other, { search: 'secret' })).toBe('')
  expect(await titles(app, other)).toBe('mine')
})
