import { createTRPCClient, httpLink } from '@trpc/client'
import type { AppRouter } from '../../../server/src/router.ts'

/** The typed client of a script with its key, or of a screen with its cookie. */
export function connect(url: string, headers: Record<string, string>) {
  return createTRPCClient<AppRouter>({ links: [httpLink({ url: `${url}/trpc`, headers })] })
}
