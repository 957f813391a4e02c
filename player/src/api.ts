import type { AppRouter } from '@marquee/server/router.ts'
import { type ErrorCode, isErrorCode } from '@marquee/shared/errors.ts'
import { createTRPCClient, httpLink, httpSubscriptionLink, splitLink, TRPCClientError } from '@trpc/client'

const answerWithinMs = 15_000

export type Api = ReturnType<typeof connectApi>

/** The typed client. The device token is a cookie of this origin, so nothing secret passes through here. */
export function connectApi(url = '/trpc') {
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (op) => op.type === 'subscription',
        true: httpSubscriptionLink({ url }),
        false: httpLink({ url, fetch: fetchInTime }),
      }),
    ],
  })
}

/** The code of an error that the server answered with; `unavailable` when there was no answer. */
export function codeOf(error: unknown): ErrorCode {
  const data: unknown = error instanceof TRPCClientError ? error.data : undefined
  const code = typeof data === 'object' && data !== null && 'code' in data ? data.code : undefined
  return isErrorCode(code) ? code : 'unavailable'
}

type Fetch = NonNullable<Parameters<typeof httpLink>[0]['fetch']>

/** A request that hangs would stop the player from asking again. */
const fetchInTime: Fetch = async (input, { signal, ...init } = {}) => {
  const aborting = new AbortController()
  const timer = setTimeout(() => aborting.abort(), answerWithinMs)
  signal?.addEventListener('abort', () => aborting.abort())
  try {
    return await fetch(input, { ...init, signal: aborting.signal } as RequestInit)
  } finally {
    clearTimeout(timer)
  }
}
