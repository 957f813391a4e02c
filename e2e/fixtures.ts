import { type BrowserContext, type BrowserContextOptions, test as base, type Page } from '@playwright/test'
import { type HttpClient, makeHttpClient } from '../server/test/http-client.ts'
import { type Program, type ProgramOptions, startProgram } from '../server/test/program.ts'

export const person = { name: 'Ann Li', email: 'ann@example.com', password: 'correct horse battery' }

/** A running installation with its first owner, and ways in for a browser and a script. */
export type Installation = {
  readonly program: Program
  readonly url: string
  /** The typed client, signed in as the owner. */
  readonly owner: HttpClient
  /** Puts the owner's session into a browser. */
  signIn(context: BrowserContext): Promise<void>
  /** Opens the player on a page of its own and pairs it; resolves when the screen is the tenant's. */
  pairScreen(page: Page, name: string): Promise<void>
}

/** Starts the built program on an empty data folder and makes the first owner through the real set-up. */
export async function startInstallation(options: ProgramOptions = {}): Promise<Installation & AsyncDisposable> {
  const program = await startProgram(options)
  const owner = makeHttpClient(program.url)
  await owner.trpc.accounts.setUp.mutate({
    token: program.setUpToken ?? '',
    ...person,
    tenantName: 'Corner shop',
    timeZone: 'Asia/Shanghai',
  })
  return {
    program,
    url: program.url,
    owner,
    signIn: (context) =>
      context.addCookies(
        [...owner.jar].map(([name, value]) => ({ name, value: decodeURIComponent(value), url: program.url })),
      ),
    async pairScreen(page, name) {
      await page.goto(`${program.url}/player/?debug`)
      const code = (await page.locator('.code:not(.waiting)').textContent())?.replace(/\s/g, '') ?? ''
      await owner.trpc.screens.confirmPairing.mutate({ code, name })
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  }
}

type Fixtures = {
  installation: Installation
  /** A page on another device, with cookies and storage of its own. */
  elsewhere: (device?: BrowserContextOptions) => Promise<Page>
}

/** Every test gets an installation of its own. */
export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of fixtures from this pattern.
  installation: async ({}, use) => {
    await using installation = await startInstallation()
    await use(installation)
  },
  elsewhere: async ({ browser }, use) => {
    const contexts: BrowserContext[] = []
    await use(async (device) => {
      const context = await browser.newContext({ locale: 'en-US', ...device })
      contexts.push(context)
      return context.newPage()
    })
    // A player that is left open would go on playing beside the next test.
    for (const context of contexts) await context.close()
  },
})
export { expect } from '@playwright/test'
