import { AxeBuilder } from '@axe-core/playwright'
import type { BrowserContextOptions, Page } from '@playwright/test'
import { expect, type Installation, person, test } from './fixtures.ts'
import { colourFilm, colourPicture, uploadAd } from './sample-media.ts'

const pages = ['/', '/screens', '/pair', '/people', '/activity', '/settings']
const looks: Record<string, BrowserContextOptions> = {
  'a phone, light, Chinese': { viewport: { width: 360, height: 640 }, colorScheme: 'light', locale: 'zh-CN' },
  'a wide screen, dark, English': { viewport: { width: 1440, height: 900 }, colorScheme: 'dark', locale: 'en-US' },
}

/** What axe finds, as lines to read in a report. */
async function findings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}`))
}

async function fill(installation: Installation): Promise<void> {
  await uploadAd(installation.owner, { bytes: colourFilm('green', 2), name: 'green.mp4' })
  await uploadAd(installation.owner, { bytes: await colourPicture('red'), name: 'red.png' })
}

for (const [name, look] of Object.entries(looks)) {
  test(`on ${name}, axe finds nothing and nothing scrolls sideways`, async ({ browser, installation }) => {
    // Many pages, and axe reads each whole.
    test.slow()
    await fill(installation)
    const player = await browser.newPage()
    await installation.pairScreen(player, 'Window')
    // A film that plays on would take the machine that axe needs.
    await player.close()
    const context = await browser.newContext({ ...look, reducedMotion: 'reduce', baseURL: installation.url })
    const page = await context.newPage()
    await page.goto('/sign-in')
    await page.locator('form').waitFor()
    expect(await findings(page)).toEqual([])
    await installation.signIn(context)
    for (const path of pages) {
      await page.goto(path)
      await page.locator('h1').waitFor()
      await expect(page.locator('.skeleton')).toHaveCount(0)
      expect(await findings(page), path).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), path).toBeLessThanOrEqual(0)
    }
    await page.goto('/')
    await page.locator('article button').first().click()
    await page.locator('#ad-form').waitFor()
    expect(await findings(page), 'editor').toEqual([])
    await context.close()
  })
}

test('a file chosen in the panel becomes an ad, a refused one says what to do', async ({ installation, page }) => {
  await installation.signIn(page.context())
  await page.goto(installation.url)
  const files = [
    { name: 'green.mp4', mimeType: 'video/mp4', buffer: Buffer.from(colourFilm('green', 2)) },
    { name: 'notes.mp4', mimeType: 'video/mp4', buffer: Buffer.from('no film at all') },
  ]
  await page.locator('input[type=file]').first().setInputFiles(files)
  await expect(page.locator('article')).toHaveCount(1)
  await expect(page.locator('article img')).toBeVisible()
  await expect(page.getByText('Use MP4, MOV or WebM, or JPEG, PNG, WebP, GIF or AVIF.')).toBeVisible()
})

test('a deleted ad comes back with Undo', async ({ installation, page }) => {
  await fill(installation)
  await installation.signIn(page.context())
  await page.goto(installation.url)
  await expect(page.locator('article')).toHaveCount(2)
  await page.locator('article > button').first().click()
  await page
    .getByRole('button', { name: 'Delete ad' })
    .or(page.getByRole('button', { name: 'Delete' }))
    .click()
  await expect(page.locator('article')).toHaveCount(1)
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(page.locator('article')).toHaveCount(2)
})

test('the order is changed by keyboard alone', async ({ installation, page }) => {
  await fill(installation)
  await installation.signIn(page.context())
  await page.goto(installation.url)
  await page.getByRole('button', { name: 'Order' }).press('Enter')
  await page.getByRole('button', { name: 'Move red up' }).press('Enter')
  await expect(page.getByText('red is now 1 of 2')).toBeAttached()
  await expect
    .poll(async () => (await installation.owner.trpc.ads.list.query({})).items.map((ad) => ad.title))
    .toEqual(['red', 'green'])
})

test('the link of a screen’s QR code leads through sign-in back to pairing', async ({
  browser,
  installation,
  page,
}) => {
  const player = await browser.newPage()
  await player.goto(`${installation.url}/player/`)
  const code = (await player.locator('.code:not(.waiting)').textContent())?.replace(/\s/g, '') ?? ''
  await page.goto(`${installation.url}/pair?code=${code}`)
  await page.getByLabel('Email').fill(person.email)
  await page.getByLabel('Password', { exact: true }).fill(person.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByLabel('Pairing code')).toHaveValue(code)
  await page.getByLabel('Name of the screen').fill('Window')
  await page.getByRole('button', { name: 'Pair screen' }).click()
  await expect(page.getByText('Window is paired')).toBeVisible()
})

test('a viewer is offered nothing that changes something', async ({ browser, installation }) => {
  await fill(installation)
  const { url } = await installation.owner.trpc.members.invite.mutate({ role: 'viewer' })
  const page = await browser.newPage()
  await page.goto(url)
  await page.getByLabel('Your name').fill('Vi Ewer')
  await page.getByLabel('Email').fill('viewer@example.com')
  await page.getByLabel('Password', { exact: true }).fill('correct horse battery')
  await page.getByRole('button', { name: 'Create account and join' }).click()
  await expect(page.locator('article')).toHaveCount(2)
  for (const name of ['Upload', 'Order', 'Select'])
    await expect(page.getByRole('button', { name, exact: true })).toHaveCount(0)
  await page.locator('article > button').first().click()
  await expect(page.getByRole('dialog')).toBeVisible()
  await expect(page.locator('#ad-form')).toHaveCount(0)
})
