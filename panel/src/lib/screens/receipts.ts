import { toasts } from '../ui/toasts.svelte.ts'
import { sentenceFor } from '../words/error-words.ts'
import { w } from '../words/words.svelte.ts'
import { progressOf, screens } from './screens.svelte.ts'

/** "On 2 of 3 screens", true while it is read: it changes as screens report. */
export function receiptNote(revision: number): string | null {
  const items = screens.items
  if (!items) return null
  const words = w().receipt
  if (items.length === 0) return words.none
  const { done, all, away } = progressOf(items, revision)
  return away > 0 && done + away === all ? `${words.on(done, all)} · ${words.away(away)}` : words.on(done, all)
}

/** Says that a change was made, and on how many screens it is. */
export function receipt(text: string, revision: number): void {
  toasts.show({ text, tone: 'good', note: () => receiptNote(revision), lasts: 7_000 })
  void screens.load()
}

/** Says what went wrong. */
export function complain(error: unknown): void {
  toasts.show({ text: sentenceFor(w(), error), tone: 'bad', lasts: 9_000 })
}
