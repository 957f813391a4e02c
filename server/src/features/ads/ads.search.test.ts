import { expect, test } from 'vitest'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'
import type { Manager } from '../../access.ts'
import { addAds, addAsset, code, titles } from './testing/ads.fixtures.ts'

async function addTexts(app: TestApp, owner: Manager): Promise<void> {
  const texts = [
    { title: '1', description: '春节大促销，全场五折' },
    { title: '2', description: 'Summer sale at the counter', tags: ['Entrance hall'] },
    { title: '3', description: 'Été à la crème', tags: ['夏季'] },
    { title: '4', description: 'It\'s 100% OR nothing* "quoted" & | ! ( ) : \\ 😀' },
  ]
  for (const draft of texts) {
    const asset = await addAsset(app, owner, { fileName: `IMG_2026${draft.title}_促销海报.png` })
    await app.as(owner).ads.create({ assetId: asset.id, ...draft })
  }
}

test.each([
  ['a Chinese word of two characters', '促销', '1 2 3 4'],
  ['a Chinese word only in a description', '五折', '1'],
  ['one Chinese character', '春', '1'],
  ['a longer Chinese run', '春节大促', '1'],
  ['two Chinese words', '春节 全场', '1'],
  ['a Chinese word in a tag', '夏季', '3'],
  ['a Latin word in any case', 'SUMMER', '2'],
  ['the beginning of a Latin word', 'coun', '2'],
  ['words in another order', 'counter summer', '2'],
  ['a word of a tag', 'entrance', '2'],
  ['letters without their accents', 'ete creme', '3'],
  ['full-width letters', 'ｓｕｍｍｅｒ', '2'],
  ['a file name', 'img_20263', '3'],
  ['a number in a file name', '20264', '4'],
  ['an emoji', '😀', '4'],
  ['both languages at once', '海报 hall', '2'],
])('the search finds %s', async (_, search, found) => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  await addTexts(app, owner)
  expect(await titles(app, owner, { search })).toBe(found)
})

test('the search does not find the end of a word, words that are not there, or all when asked for signs only', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  await addTexts(app, owner)
  for (const search of ['ummer', 'summer winter', '节春', '春场', '!!!', '"" ""', '*'])
    expect(await titles(app, owner, { search })).toBe('')
  expect(await titles(app, owner, { search: '  ' })).toBe('1 2 3 4')
})

test('signs of query languages are plain text', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  await addTexts(app, owner)
  for (const search of [
    '"nothing',
    "it's",
    "it's OR",
    'nothing*',
    'OR',
    '100% & nothing',
    '(nothing)',
    '100:*',
    "nothing') --",
    'nothing\\',
  ]) {
    expect(await titles(app, owner, { search }), search).toBe('4')
  }
  for (const search of [
    'summer OR nothing',
    'quoted" AND "or',
    'NOT summer',
    'terms:summer',
    'summer NEAR counter',
    'summer | nothing',
    "x' OR 1=1 --",
  ]) {
    expect(await titles(app, owner, { search }), search).toBe('')
  }
})

test('a search that is too long is refused, a long one is answered', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  await addAds(app, owner, ['x'.repeat(200)])
  await expect(app.as(owner).ads.list({ search: 'x'.repeat(10_000) })).rejects.toEqual(code('bad-input'))
  expect((await app.as(owner).ads.list({ search: 'x'.repeat(200) })).items).toHaveLength(1)
  expect((await app.as(owner).ads.list({ search: '春'.repeat(200) })).items).toHaveLength(0)
})

test('an ad with the longest texts of any script can be stored and found', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const [id = ''] = await addAds(app, owner, ['a'])
  for (const letter of ['ж', '春', '😀', 'ﷺ', 'n̈', '9']) {
    const description = letter.repeat(2000 / letter.length)
    await app.as(owner).ads.update({ id, description })
    expect((await app.as(owner).ads.list({ search: letter })).items, letter).toHaveLength(1)
  }
})

test('the search knows an ad as it was changed last', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const [id = ''] = await addAds(app, owner, ['spring'])
  await app.as(owner).ads.update({ id, title: 'autumn' })
  expect(await titles(app, owner, { search: 'spring' })).toBe('')
  expect(await titles(app, owner, { search: 'autumn' })).toBe('autumn')
  await app.as(owner).ads.tagMany({ ids: [id], add: ['leaves'] })
  expect(await titles(app, owner, { search: 'leaves' })).toBe('autumn')
})

test('what is found comes in the order of the ads and in pages', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const ids = await addAds(app, owner, ['s1', 's2', 'x', 's3', 's4'])
  await app.as(owner).ads.move({ id: ids[4] ?? '', after: null })
  const first = await app.as(owner).ads.list({ search: 's', limit: 3 })
  const second = await app.as(owner).ads.list({ search: 's', limit: 3, cursor: first.nextCursor })
  expect([first, second].map(({ items }) => items.map((ad) => ad.title).join(' '))).toEqual(['s4 s1 s2', 's3'])
  expect(second.nextCursor).toBeNull()
})
