// Takes the pictures of the README, docs/images/*.png, of the built programs with the sample ads of examples/.
// From anywhere, after `npm run build`: node e2e/screenshots.ts
import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { type Browser, type BrowserContextOptions, chromium, type Page } from '@playwright/test'
import { type Installation, startInstallation } from './fixtures.ts'
import config from './playwright.config.ts'

const repository = join(import.meta.dirname, '..')
const images = join(repository, 'docs/images')
const phone = { viewport: { width: 360, height: 640 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true }
const desk = { viewport: { width: 1440, height: 900 } }
const screenSize = { viewport: { width: 1920, height: 1080 } }

mkdirSync(images, { recursive: true })
await using installation = await startInstallation()
const browser = await chromium.launch(config.use?.launchOptions)
try {
  await uploadSamples(installation)
  await takePlayer(browser, installation)
  await takePanel(browser, installation)
} finally {
  await browser.close()
}

/** The three ads of `npm run demo`, sent by the same script. */
async function uploadSamples({ owner, url }: Installation): Promise<void> {
  const { secret } = await owner.trpc.keys.create.mutate({
    name: 'npm run demo',
    purpose: 'script',
    scopes: ['ads:read', 'ads:write'],
    expiresAt: null,
  })
  await promisify(execFile)(process.execPath, [join(repository, 'scripts/demo-ads.ts')], {
    env: { ...process.env, DEMO_URL: url, DEMO_KEY: secret },
  })
}

async function takePlayer(browser: Browser, { url, owner }: Installation): Promise<void> {
  for (const [name, orientation] of [
    ['Window left', 0],
    ['Door', 90],
    ['Counter', 0],
  ] as const) {
    const page = await newPage(browser, screenSize)
    await page.goto(`${url}/player/`)
    const code = page.locator('.code:not(.waiting)')
    await code.waitFor()
    if (name === 'Counter') await save(page, 'player-pairing')
    const text = (await code.textContent())?.replace(/\s/g, '') ?? ''
    await owner.trpc.screens.confirmPairing.mutate({ code: text, name, orientation })
    // In the middle of a film.
    await page.waitForFunction(() =>
      [...document.querySelectorAll('video')].some(({ paused, currentTime }) => !paused && currentTime > 2),
    )
    if (name === 'Counter') await save(page, 'player')
  }
}

async function takePanel(browser: Browser, installation: Installation): Promise<void> {
  const shots = [
    { name: 'panel-phone', options: { ...phone, colorScheme: 'light' }, path: '/', open: null },
    { name: 'panel-wide', options: { ...desk, colorScheme: 'light' }, path: '/', open: /Open until nine/ },
    { name: 'panel-dark', options: { ...desk, colorScheme: 'dark' }, path: '/screens', open: null },
  ] as const
  for (const { name, options, path, open } of shots) {
    const page = await newPage(browser, { ...options, reducedMotion: 'reduce' })
    await installation.signIn(page.context())
    await page.goto(`${installation.url}${path}`)
    await page.getByRole('article').nth(2).waitFor()
    if (open) await page.getByRole('article').getByRole('button', { name: open }).first().click()
    if (open) await page.getByRole('dialog').getByRole('textbox').first().waitFor()
    // What is loaded is not yet drawn.
    await page.evaluate(() => Promise.all([...document.images].map((image) => image.decode())))
    await save(page, name)
    await page.context().close()
  }
}

async function newPage(browser: Browser, options: BrowserContextOptions): Promise<Page> {
  return (await browser.newContext({ locale: 'en-US', ...options })).newPage()
}

async function save(page: Page, name: string): Promise<void> {
  const path = join(images, `${name}.png`)
  await page.screenshot({ path, animations: 'disabled' })
  console.log(path)
}
