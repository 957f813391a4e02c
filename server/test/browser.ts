import { setUpLink } from '../src/features/accounts/accounts.usecases.ts'
import { approvalGate } from '../src/features/approvals/approvals.gate.usecases.ts'
import { whoIs } from '../src/http/who.ts'
import { newId } from '../src/lib/id.ts'
import { appRouter } from '../src/router.ts'
import { createCallerFactory } from '../src/trpc.ts'
import type { TestApp } from './test-app.ts'

const createCaller = createCallerFactory(appRouter)
export type Api = ReturnType<typeof createCaller>

/** A browser, or a script with a key: calls with real credentials, keeps the cookies that answers set. */
export function openBrowser(app: TestApp, { address = '192.0.2.1', key }: { address?: string; key?: string } = {}) {
  const cookies = new Map<string, string>()
  const setCookies: string[] = []
  const headersNow = () => {
    const headers = new Headers({ 'user-agent': 'A test browser' })
    if (cookies.size > 0) headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '))
    if (key) headers.set('authorization', `Bearer ${key}`)
    return headers
  }
  const keep = (lines: readonly string[]) => {
    for (const line of lines) {
      const [pair = ''] = line.split(';')
      const at = pair.indexOf('=')
      if (/max-age=0/i.test(line)) cookies.delete(pair.slice(0, at))
      else cookies.set(pair.slice(0, at), pair.slice(at + 1))
      setCookies.push(line)
    }
  }
  return {
    setCookies,
    cookies,
    headers: headersNow,
    /** Makes one call, e.g. `browser.call((api) => api.accounts.me())`. */
    async call<T>(work: (api: Api) => Promise<T>): Promise<T> {
      const headers = headersNow()
      const resHeaders = new Headers()
      const who = whoIs(app.deps, headers)
      const result = await work(
        createCaller({
          deps: app.deps,
          request: { id: newId(), address, headers },
          who,
          gate: approvalGate(app.deps, null),
          resHeaders,
        }),
      )
      keep(resHeaders.getSetCookie())
      return result
    },
  }
}
export type Browser = ReturnType<typeof openBrowser>

export const ada = { name: 'Ada', email: 'ada@example.com', password: 'a long password', tenantName: 'Ada & Co' }

/** The first owner of an installation, signed in. */
export async function openOwner(app: TestApp): Promise<Browser> {
  const browser = openBrowser(app)
  const token = (await setUpLink(app.deps))?.split('/setup/')[1] ?? ''
  await browser.call((api) => api.accounts.setUp({ ...ada, token }))
  return browser
}

/** The last part of an invitation's URL, where the owner invites somebody. */
export async function invite(
  owner: Browser,
  input: { email?: string; role: 'owner' | 'editor' | 'viewer' },
): Promise<string> {
  const { url } = await owner.call((api) => api.members.invite(input))
  return url.split('/invite/')[1] ?? ''
}

/** Somebody new who accepted an invitation with this role. */
export async function openMember(
  app: TestApp,
  owner: Browser,
  role: 'owner' | 'editor' | 'viewer',
  name: string = role,
): Promise<Browser> {
  const browser = openBrowser(app)
  const token = await invite(owner, { role })
  const person = { name, email: `${name}@example.com`, password: `password of ${name}` }
  await browser.call((api) => api.accounts.acceptInvitation({ token, ...person }))
  return browser
}
