import { actions, subjects } from '@marquee/shared/activity.ts'
import { errorCodes } from '@marquee/shared/errors.ts'
import { scopes } from '@marquee/shared/keys.ts'
import { refusals } from '@marquee/shared/media.ts'
import { describe, expect, it } from 'vitest'
import { en, type Words } from './en.ts'
import { errorFacts, refusalFor, sentenceFor } from './error-words.ts'
import { preferredLanguage } from './words.svelte.ts'
import { zhCN } from './zh-CN.ts'

const both: readonly (readonly [string, Words])[] = [
  ['en', en],
  ['zh-CN', zhCN],
]
/** Facts as the server may send them, and none at all. */
const details = [{}, { maxBytes: 524_288_000, found: 'HEVC', role: 'owner', retryAfter: 130 }]

function trpcError(data: object) {
  return Object.assign(new Error('x'), { data })
}

describe('words', () => {
  it('have a sentence for every error code, in both languages, with and without facts', () => {
    for (const [, words] of both)
      for (const code of Object.keys(errorCodes))
        for (const detail of details) {
          const sentence = sentenceFor(words, trpcError({ code, detail }))
          expect(sentence, code).not.toBe(words.errors.unknown)
          expect(sentence, code).toMatch(/[.。]$/)
          expect(sentence, code).not.toMatch(/undefined|null|NaN|\[object/)
        }
  })
  it('say why and what to do for every refusal, in both languages', () => {
    for (const [, words] of both)
      for (const reason of refusals)
        for (const detail of details) {
          const said = refusalFor(words, { reason, detail })
          expect(said?.why, reason).toMatch(/[.。]$/)
          expect(said?.cure, reason).toMatch(/[.。]$/)
          expect(`${said?.why}${said?.cure}`).not.toMatch(/undefined|null|NaN|\[object/)
        }
  })
  it('have a sentence for every action, and a word for every subject and scope', () => {
    for (const [, words] of both) {
      for (const action of actions) expect(words.activityVerbs[action]('X'), action).toBeTruthy()
      for (const subject of subjects) expect(words.activity.subject[subject], subject).toBeTruthy()
      for (const scope of scopes) expect(words.people.scope[scope], scope).toBeTruthy()
      expect(Object.keys(words.people.scope)).toHaveLength(scopes.length)
    }
  })
  it('know the same exact rules in both languages', () => {
    expect(Object.keys(zhCN.errors.reasons)).toEqual(Object.keys(en.errors.reasons))
  })
  it('differ between the languages: nothing was left untranslated', () => {
    const same: string[] = []
    walk(en, zhCN, '', same)
    expect(same).toEqual(
      ['settings.version', 'activity.kind.person', 'activity.kind.system'].filter((key) => same.includes(key)),
    )
  })
  it('speak of the network when the server can’t be reached', () => {
    const error = new Error('fetch failed', { cause: new TypeError('Failed to fetch') })
    expect(sentenceFor(en, error)).toBe(en.errors.offline)
  })
  it('read code and facts out of whatever was thrown', () => {
    expect(errorFacts(trpcError({ code: 'quota', reason: 'x' }))).toMatchObject({
      code: 'quota',
      reason: 'x',
      offline: false,
    })
    expect(errorFacts('odd')).toEqual({ offline: false })
    expect(errorFacts({ code: 'no-such-code' })).toMatchObject({ offline: true })
  })
})

describe('the language', () => {
  it('is the chosen one, else the first that the browser asks for and we have, else English', () => {
    expect(preferredLanguage('en', ['zh-CN'])).toBe('en')
    expect(preferredLanguage(null, ['zh-TW', 'en'])).toBe('zh-CN')
    expect(preferredLanguage(null, ['fr', 'zh'])).toBe('zh-CN')
    expect(preferredLanguage(null, ['fr'])).toBe('en')
    expect(preferredLanguage('xx', [])).toBe('en')
  })
})

function walk(a: unknown, b: unknown, path: string, same: string[]): void {
  if (typeof a === 'string') {
    if (a === b) same.push(path)
    return
  }
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return
  for (const [key, value] of Object.entries(a))
    walk(value, (b as Record<string, unknown>)[key], path ? `${path}.${key}` : key, same)
}
