import type { AppRouter } from '@marquee/server/router.ts'
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink, type TRPCLink } from '@trpc/client'
import { observable } from '@trpc/server/observable'
import { errorFacts } from './words/error-words.ts'

/** The panel's typed client. Only this file knows an address of the server. */
const url = '/trpc'

let signedOut: () => void = () => {}
/** Told when the server says that nobody is signed in (any more). */
export function onSignedOut(tell: () => void): void {
  signedOut = tell
}

const noticeSignedOut: TRPCLink<AppRouter> = () => (context) =>
  observable((observer) =>
    context.next(context.op).subscribe({
      ...observer,
      error(error) {
        if (errorFacts(error).code === 'not-signed-in') signedOut()
        observer.error(error)
      },
    }),
  )

export const api = createTRPCClient<AppRouter>({
  links: [
    noticeSignedOut,
    splitLink({
      condition: (op) => op.type === 'subscription',
      true: httpSubscriptionLink({ url }),
      false: httpBatchLink({ url, maxURLLength: 4000 }),
    }),
  ],
})

/** Where a screen opens the player. */
export function playerAddress(): string {
  return new URL('/player/', location.origin).href
}

/** Whether other devices can't use this address, since it names this computer only. */
export function isLocalOnly(): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(location.hostname)
}
