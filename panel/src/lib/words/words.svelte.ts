import type { Words } from './en.ts'
import { createFormat, type Format } from './format.ts'

export const languages = { 'zh-CN': '简体中文', en: 'English' } as const
export type Language = keyof typeof languages

const storageKey = 'marquee.language'
const loaders: Record<Language, () => Promise<Words>> = {
  'zh-CN': async () => (await import('./zh-CN.ts')).zhCN,
  en: async () => (await import('./en.ts')).en,
}

/** What the person chose here before, else what the browser asks for. */
export function preferredLanguage(chosen: string | null, browser: readonly string[]): Language {
  if (chosen === 'zh-CN' || chosen === 'en') return chosen
  const first = browser.find((name) => /^(zh|en)\b/i.test(name))
  return first?.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en'
}

let current = $state.raw<{ language: Language; words: Words; format: Format } | null>(null)

/** Loads a language and shows it everywhere. */
export async function useLanguage(language: Language): Promise<void> {
  const words = await loaders[language]()
  current = { language, words, format: createFormat(language) }
  document.documentElement.lang = language
}

export async function startLanguage(): Promise<void> {
  await useLanguage(preferredLanguage(localStorage.getItem(storageKey), navigator.languages))
}

export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(storageKey, language)
  await useLanguage(language)
}

/** The words of the language that is shown now. */
export function w(): Words {
  return loaded().words
}

/** Numbers and times as the shown language writes them. */
export function f(): Format {
  return loaded().format
}

export function language(): Language {
  return loaded().language
}

function loaded() {
  if (!current) throw new Error('Words are not loaded; the root layout loads them before any page')
  return current
}
