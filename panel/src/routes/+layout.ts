import { startTheme } from '#lib/theme/theme.svelte.ts'
import { startLanguage } from '#lib/words/words.svelte.ts'

export const ssr = false
export const prerender = false

let started: Promise<void> | null = null

/** Words and colours are there before anything is drawn. */
export async function load() {
  started ??= startLanguage().then(startTheme)
  await started
}
