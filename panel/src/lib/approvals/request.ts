import type { Approval } from '@marquee/shared/approvals.ts'
import type { Words } from '../words/en.ts'

/** What the agent wants to do, as a sentence behind its name. */
export function requestOf(words: Words, { subjects, procedure }: Approval): string {
  const [first] = subjects
  if (!first) return words.approvals.call(procedure)
  const name = first.name ?? words.approvals.gone
  const isOne = subjects.length === 1
  if (first.kind === 'screen') return words.approvals.removeScreen(name)
  return isOne ? words.approvals.deleteAd(name) : words.approvals.deleteAds(subjects.length)
}
