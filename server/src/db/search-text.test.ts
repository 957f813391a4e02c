import { expect, test } from 'vitest'
import { indexTerms, plainText, queryTerms } from './search-text.ts'

const terms = (text: string) => indexTerms('t', text).map((term) => term.slice(7))
const query = (text: string) => queryTerms('t', text).map(({ term, prefix }) => term.slice(7) + (prefix ? '*' : ''))

test('a Latin word is found whole and by each of its first ten beginnings', () => {
  expect(terms('Sale')).toEqual(['·s', '·sa', '·sal', '·sale', 'sale'])
  expect(query('SALE')).toEqual(['·sale'])
  expect(query('lighthouse-keepers')).toEqual(['·lighthouse', '·keepers'])
  expect(query('photographer')).toEqual(['photographer*'])
})

test('a Chinese run is found by each character and each pair', () => {
  expect(terms('春节促')).toEqual(['春', '春节', '节', '节促', '促'])
  expect(query('春节促')).toEqual(['春节', '节促'])
  expect(query('春')).toEqual(['春'])
})

test('scripts, numbers and emoji part, so that each is found alone', () => {
  expect(plainText('Promo0012春节😀sale.mp4')).toBe(' promo 0012 春节 😀 sale mp 4 ')
})

test('accents, case and compatible forms make no difference', () => {
  expect(plainText('ＣＡＦÉ Ｅ\u0301te ﬁn ㌔')).toBe(plainText('café éte fin キロ'))
})

test('Kana keep their marks and Hangul its syllables', () => {
  expect(plainText('ガラス 한국어')).toBe(' ガラス 한국어 ')
})

test('terms of one tenant are not those of another', () => {
  expect(indexTerms('one', 'sale')).not.toEqual(indexTerms('two', 'sale'))
})

test('a query asks for at most twenty terms, of forty characters', () => {
  expect(query(Array.from({ length: 500 }, (_, n) => `w${n}`).join(' '))).toHaveLength(20)
  expect(queryTerms('t', 'x'.repeat(10_000))[0]?.term).toHaveLength(47)
})

test('signs alone ask for nothing', () => {
  expect(query('"* OR')).toEqual(['·or'])
  expect(query('!?"*')).toEqual([])
})
