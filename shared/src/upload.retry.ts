import { type ErrorCode, errorCodes } from './errors.ts'
import { codeOf, PartFailed } from './upload.send.ts'

const longestMs = 30_000
/** A server that is there but fails gets so many attempts; one that is away gets as many as it takes. */
const maxRefusals = 8

export type Retrying = {
  readonly signal: AbortSignal
  readonly firstDelayMs: number
  readonly onRetry: (error: unknown) => void
}

/** Does `work` until it succeeds, as long as it makes sense, with growing pauses. */
export async function withRetry<T>(retrying: Retrying, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    retrying.signal.throwIfAborted()
    try {
      return await work()
    } catch (error) {
      retrying.signal.throwIfAborted()
      if (!makesSense(error, attempt)) throw error
      retrying.onRetry(error)
      await pause(delay(retrying.firstDelayMs, attempt), retrying.signal)
    }
  }
}

/** Whether the same may work later without anybody doing something. */
export function makesSense(error: unknown, attempt: number): boolean {
  const code = codeOf(error)
  if (code !== undefined) return !needsSomebody.has(code) && errorCodes[code].retry && attempt < maxRefusals
  if (error instanceof PartFailed) return error.status === 0 || error.status === 408 || error.status >= 500
  if (!(error instanceof Error)) return false
  // Judging, a file that was moved or changed, and mistakes in a program are no matter of the network.
  return error.name === 'TRPCClientError' || isNetwork(error)
}

/** Retrying helps with these, but not the same call. */
const needsSomebody: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['storage-full', 'checksum', 'parts-missing'])

/** Pauses grow, and differ, so that a hall of phones does not come back in one instant. */
export function delay(firstMs: number, attempt: number): number {
  const full = Math.min(longestMs, firstMs * 2 ** Math.min(attempt - 1, 20))
  return full / 2 + (Math.random() * full) / 2
}

/** Ends early when a browser says that the network is back. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      globalThis.removeEventListener?.('online', done)
      resolve()
    }
    const stop = () => {
      done()
      reject(signal.reason)
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', stop, { once: true })
    globalThis.addEventListener?.('online', done, { once: true })
    if (signal.aborted) stop()
  })
}

/** The words that browsers, Node and Deno have for a lost connection. */
function isNetwork(error: Error): boolean {
  return error.name === 'TypeError' && /fetch|network|load failed|connect|terminated/i.test(error.message)
}
