import { createTRPCClient, httpLink, httpSubscriptionLink, splitLink } from '@trpc/client'
import { EventSource } from 'eventsource'
import type { AppRouter } from '../src/router.ts'

export type HttpClient = ReturnType<typeof makeHttpClient>

/** The typed client over HTTP, with a cookie jar as a browser has one, or a bearer key. */
export function makeHttpClient(
  url: string,
  { key, jar = new Map<string, string>() }: { key?: string; jar?: Map<string, string> } = {},
) {
  const cookieHeader = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
  const withCredentials = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers)
    if (key) headers.set('authorization', `Bearer ${key}`)
    if (jar.size > 0) headers.set('cookie', cookieHeader())
    const response = await fetch(input, { ...init, headers })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (/max-age=0/i.test(line) || value === '') jar.delete(name)
      else jar.set(name, value)
    }
    return response
  }
  const trpc = createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (operation) => operation.type === 'subscription',
        true: httpSubscriptionLink({
          url: `${url}/trpc`,
          // The ponyfill lets us send cookies, which Node's own EventSource does not keep.
          EventSource: EventSource as unknown as typeof globalThis.EventSource,
          eventSourceOptions: () => ({ fetch: withCredentials }) as unknown as EventSourceInit,
        }),
        // The link types `signal` a little wider than fetch does; both ignore undefined.
        false: httpLink({ url: `${url}/trpc`, fetch: withCredentials as never }),
      }),
    ],
  })
  return { trpc, jar, fetch: withCredentials, url }
}
