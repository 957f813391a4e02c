import { type ErrorData, isErrorCode } from '@marquee/shared/errors.ts'
import type { Words } from './en.ts'

/** The facts of a refusal or a server's error, wherever it was caught. */
export function errorFacts(error: unknown): Partial<ErrorData> & { offline: boolean } {
  if (typeof error !== 'object' || error === null) return { offline: false }
  const data = 'data' in error && typeof error.data === 'object' && error.data !== null ? error.data : error
  const code = 'code' in data && isErrorCode(data.code) ? data.code : undefined
  const reason = 'reason' in data && typeof data.reason === 'string' ? data.reason : undefined
  const detail = 'detail' in data && typeof data.detail === 'object' && data.detail !== null ? { ...data.detail } : {}
  return { ...(code && { code }), ...(reason && { reason }), detail, offline: !code && !reason }
}

/** One sentence for a person about what went wrong. */
export function sentenceFor(words: Words, error: unknown): string {
  const { code, reason, detail = {}, offline } = errorFacts(error)
  const refusal = refusalFor(words, error)
  if (refusal) return `${refusal.why} ${refusal.cure}`
  const sentence = (reason && words.errors.reasons[reason]) || (code && words.errors.codes[code])
  if (!sentence) return offline && isNetworkError(error) ? words.errors.offline : words.errors.unknown
  return typeof sentence === 'function' ? sentence(detail) : sentence
}

/** Why a file is refused and what to do, or null if the error is none of the kind. */
export function refusalFor(words: Words, error: unknown): { why: string; cure: string } | null {
  const { reason, detail = {} } = errorFacts(error)
  if (!reason || !isRefusal(words, reason)) return null
  const { why, cure } = words.refusals[reason]
  return { why: typeof why === 'function' ? why(detail) : why, cure }
}

function isRefusal(words: Words, reason: string): reason is keyof Words['refusals'] {
  return Object.hasOwn(words.refusals, reason)
}

/** tRPC wraps what `fetch` threw; the message is the browser's own. */
function isNetworkError(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof TypeError) return true
  return error instanceof Error && /fetch|network|load failed/i.test(error.message)
}
