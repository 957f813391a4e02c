import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { openTestDb } from '../../test/test-db.ts'
import type { AdSearch, Db } from './db.ts'
import { rareMatches } from './search-plan.ts'

/** Fills the search alone: `texts` gives each ad its text by its place. */
async function fill(db: Db, tenantId: string, texts: string[]): Promise<void> {
  for (let start = 0; start < texts.length; start += 1000) {
    const entries = texts
      .slice(start, start + 1000)
      .map((text, at) => ({ id: `${tenantId}-${start + at}`, tenantId, position: start + at, text }))
    await db.write((tx) => tx.words.indexAds(tx, entries))
  }
}

async function find(db: Db, search: string, options: Partial<AdSearch> = {}): Promise<readonly string[]> {
  const found = await db.read.words.findAds(db.read, {
    tenantId: 't',
    search,
    after: null,
    limit: 3,
    filtered: false,
    ...options,
  })
  if ('condition' in found) throw new Error('A condition instead of ids')
  return found.ids
}

test('a common word that is on none of the next ads is found behind them', async () => {
  await using test = await openTestDb()
  const texts = [
    ...Array.from({ length: 1001 }, () => 'other'),
    ...Array.from({ length: rareMatches + 1 }, () => 'common 常见'),
  ]
  await fill(test.db, 't', texts)
  expect(await find(test.db, 'common')).toEqual(['t-1001', 't-1002', 't-1003'])
  expect(await find(test.db, '常见', { after: { position: 1003, id: 't-1003' } })).toEqual([
    't-1004',
    't-1005',
    't-1006',
  ])
  expect(await find(test.db, 'common', { after: { position: texts.length - 2, id: `t-${texts.length - 2}` } })).toEqual(
    [`t-${texts.length - 1}`],
  )
  const many = await test.db.read.words.findAds(test.db.read, {
    tenantId: 't',
    search: 'common',
    after: null,
    limit: 3,
    filtered: true,
  })
  expect(many).toHaveProperty('condition')
})

test('a rare word is found however far away, and all of it for a caller who filters', async () => {
  await using test = await openTestDb()
  await fill(
    test.db,
    't',
    Array.from({ length: 1500 }, (_, n) => (n % 500 === 499 ? 'rare' : 'other')),
  )
  expect(await find(test.db, 'rare', { limit: 2 })).toEqual(['t-499', 't-999'])
  expect(await find(test.db, 'rare', { limit: 2, after: { position: 999, id: 't-999' } })).toEqual(['t-1499'])
  expect(await find(test.db, 'rare', { limit: 1, filtered: true })).toEqual(['t-499', 't-999', 't-1499'])
})

test('a search stays in its tenant', async () => {
  await using test = await openTestDb()
  await fill(test.db, 'other', ['sale', 'sale'])
  await fill(test.db, 't', ['sale'])
  expect(await find(test.db, 'sale')).toEqual(['t-0'])
  expect(await find(test.db, 'sale', { tenantId: 'other' })).toEqual(['other-0', 'other-1'])
  expect(await find(test.db, 'sale', { tenantId: 'third' })).toEqual([])
})

test('an ad is found at its new place, by its new text, and not at all when forgotten', async () => {
  await using test = await openTestDb()
  await fill(test.db, 't', ['sale one', 'sale two', 'sale three'])
  await test.db.write((tx) => tx.words.placeAd(tx, 't-0', 9))
  expect(await find(test.db, 'sale')).toEqual(['t-1', 't-2', 't-0'])
  await test.db.write((tx) => tx.words.indexAds(tx, [{ id: 't-1', tenantId: 't', position: 1, text: 'spring' }]))
  expect(await find(test.db, 'sale')).toEqual(['t-2', 't-0'])
  expect(await find(test.db, 'spring')).toEqual(['t-1'])
  await test.db.write((tx) => tx.words.forgetAds(tx, ['t-2', 't-1', 'never there']))
  expect(await find(test.db, 'sale')).toEqual(['t-0'])
  expect(await find(test.db, 'spring')).toEqual([])
})

test('what a failed write told the search is not there', async () => {
  await using test = await openTestDb()
  const broken = test.db.write(async (tx) => {
    await tx.words.indexAds(tx, [{ id: 'x', tenantId: 't', position: 1, text: 'sale' }])
    await tx.select({ one: sql`1` }).from(tx.tables.ads)
    throw new Error('broken')
  })
  await expect(broken).rejects.toThrow('broken')
  expect(await find(test.db, 'sale')).toEqual([])
})
