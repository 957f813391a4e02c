import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { makeHttpClient } from '../server/test/http-client.ts'
import { startProgram } from '../server/test/program.ts'
import { expect, type Installation, person, test } from './fixtures.ts'
import { adCard, toast } from './panel-page.ts'
import { colourFilm, colourPicture, uploadAd } from './sample-media.ts'

test.describe.configure({ timeout: 300_000 })
// What fades in is not yet what it will be.
test.use({ contextOptions: { reducedMotion: 'reduce' } })

type Visit = { readonly name: string; readonly path: string; readonly ready: (page: Page) => Promise<void> }
const shows = (text: string | RegExp) => async (page: Page) => {
  await expect(page.getByRole('main').getByText(text).first()).toBeVisible()
}
const title = (level1: RegExp) => async (page: Page) => {
  await expect(page.getByRole('heading', { level: 1, name: level1 })).toBeVisible()
}

/** Pages of a shop that has everything; in both languages. */
const full: readonly Visit[] = [
  { name: 'ads', path: '/', ready: shows('Noodles') },
  { name: 'ad', path: '/', ready: openAd },
  { name: 'order', path: '/', ready: openOrder },
  { name: 'screens', path: '/screens', ready: shows('Window') },
  { name: 'pair', path: '/pair', ready: title(/Add a screen|添加/) },
  { name: 'people and keys', path: '/people', ready: shows('Robot') },
  { name: 'activity', path: '/activity', ready: shows('Noodles') },
  { name: 'approvals', path: '/approvals', ready: shows('Robot') },
  { name: 'settings', path: '/settings', ready: shows('127.0.0.1') },
]
/** Pages of a shop that has nothing yet. */
const empty: readonly Visit[] = [
  { name: 'no ads', path: '/', ready: shows(/No ads yet|还没有广告/) },
  { name: 'no screens', path: '/screens', ready: shows(/No screens yet|还没有屏幕/) },
  { name: 'no keys', path: '/people', ready: shows(person.email) },
]

const phone = { width: 360, height: 640 }
const looks = [
  { colorScheme: 'light', language: 'zh-CN', size: phone },
  { colorScheme: 'dark', language: 'en', size: { width: 1440, height: 900 } },
] as const

for (const { colorScheme, language, size } of looks) {
  test(`every page, ${colorScheme}, ${language}: axe finds nothing, a phone needs no sideways scroll, no error is logged`, async ({
    installation,
    page,
  }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.addInitScript((chosen) => localStorage.setItem('marquee.language', chosen), language)
    const logged = watchErrors(page)
    for await (const name of eachPage(page, installation)) {
      await page.setViewportSize(phone)
      expect
        .soft(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), name)
        .toBeLessThanOrEqual(0)
      await page.setViewportSize(size)
      expect.soft(await axeOn(page), name).toEqual([])
      expect.soft(logged.splice(0), name).toEqual([])
    }
    await expect(page.locator('html')).toHaveAttribute('lang', language)
    await expect(page.locator('html')).toHaveAttribute('data-theme', colorScheme)
  })
}

test('nothing but the keyboard: sign in, change a title, put an ad first', async ({ installation, page }) => {
  await fill(installation)
  await page.goto(`${installation.url}/sign-in`)
  await reach(page, () => page.getByLabel('Email'))
  await page.keyboard.type(person.email)
  await reach(page, () => page.getByLabel('Password', { exact: true }))
  await page.keyboard.type(person.password)
  await page.keyboard.press('Enter')

  await expect(adCard(page, 'Noodles')).toBeVisible()
  await reach(page, () => adCard(page, 'Noodles').getByRole('button', { name: 'Noodles' }).first())
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Edit ad' })
  await expect(dialog).toBeVisible()
  await reach(page, () => dialog.getByLabel('Title'))
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.type('Soup')
  await page.keyboard.press('Enter')
  await expect(dialog).toBeHidden()
  await expect(adCard(page, 'Soup')).toBeVisible()

  await reach(page, () => page.getByRole('button', { name: 'Order' }))
  await page.keyboard.press('Enter')
  const order = page.getByRole('dialog', { name: 'Playing order' })
  await reach(page, () => order.getByRole('button', { name: 'Move Soup down' }))
  await page.keyboard.press('Enter')
  await expect(toast(page, 'Order saved')).toBeVisible()
  await expect(order.getByRole('listitem').last()).toContainText('Soup')
  await page.keyboard.press('Escape')
  await expect(order).toBeHidden()
  const { items } = await installation.owner.trpc.ads.list.query({})
  expect(items.map((ad) => ad.title)).toEqual(['Dumplings', 'Soup'])
})

test('the page of ads does not jump while it loads', async ({ installation, page }) => {
  await fill(installation)
  await installation.signIn(page.context())
  await page.addInitScript(() => {
    const kept = { shift: 0 }
    Object.assign(window, { layoutShift: kept })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) kept.shift += (entry as unknown as { value: number }).value
    }).observe({ type: 'layout-shift', buffered: true })
  })
  for (const size of [
    { width: 360, height: 640 },
    { width: 1440, height: 900 },
  ]) {
    await page.setViewportSize(size)
    await page.goto(installation.url)
    await expect(page.getByRole('region', { name: 'Three steps to your first ad on a screen' })).toBeVisible()
    await expect(adCard(page, 'Noodles').locator('img')).toBeVisible()
    await page.waitForFunction(() => [...document.images].every((image) => image.complete))
    const shift = await page.evaluate(() => (window as unknown as { layoutShift: { shift: number } }).layoutShift.shift)
    expect(shift, `${size.width} px wide`).toBeLessThan(0.1)
  }
})

test('the language is switched at once and kept', async ({ installation, page }) => {
  await installation.signIn(page.context())
  await page.goto(`${installation.url}/settings`)
  await page.getByRole('radio', { name: '简体中文' }).check({ force: true })
  await expect(page.getByRole('heading', { level: 1, name: '设置' })).toBeVisible()
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN')
  await page.reload()
  await expect(page.getByRole('heading', { level: 1, name: '设置' })).toBeVisible()
  await page.getByRole('radio', { name: 'English' }).check({ force: true })
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible()
})

/** Goes through every page of the panel: of nobody, of a shop without anything, and of one with everything. */
async function* eachPage(page: Page, installation: Installation): AsyncGenerator<string> {
  const visit = async ({ name, path, ready }: Visit) => {
    await page.goto(new URL(path, installation.url).href)
    await ready(page)
    return name
  }
  await using fresh = await startProgram()
  yield visit({ name: 'setup', path: `${fresh.url}/setup/${fresh.setUpToken}`, ready: title(/Marquee/) })
  yield visit({ name: 'sign-in', path: '/sign-in', ready: title(/Sign in|登录/) })
  const { url } = await installation.owner.trpc.members.invite.mutate({ role: 'viewer' })
  yield visit({ name: 'invite', path: url, ready: title(/Corner shop/) })
  await installation.signIn(page.context())
  for (const one of empty) yield visit(one)
  await fill(installation)
  const screen = await page.context().newPage()
  await installation.pairScreen(screen, 'Window')
  await screen.close()
  for (const one of full) yield visit(one)
}

/** What the page logs as errors, and what its content security policy forbids. */
function watchErrors(page: Page): string[] {
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    // Browsers log every answer above 399. To ask who is signed in is how a page learns that nobody is.
    const expected = message.location().url.includes('accounts.me') && message.text().includes('401')
    if (message.type() === 'error' && !expected) problems.push(`${message.text()} ${message.location().url}`)
  })
  return problems
}

/** Two ads and a key. */
async function fill({ owner, url }: Installation): Promise<void> {
  const { ad } = await uploadAd(owner, { bytes: await colourPicture('yellow'), name: 'Noodles.png' })
  await uploadAd(owner, { bytes: colourFilm('green', 2), name: 'Dumplings.mp4' })
  const { secret } = await owner.trpc.keys.create.mutate({
    name: 'Robot',
    purpose: 'agent',
    scopes: ['ads:write'],
    expiresAt: null,
  })
  const robot = makeHttpClient(url, { key: secret })
  await expect(robot.trpc.ads.remove.mutate({ ids: [ad?.id ?? ''] })).rejects.toThrow('approval')
}

async function openAd(page: Page): Promise<void> {
  await adCard(page, 'Noodles').getByRole('button', { name: 'Noodles' }).first().click()
  await expect(page.getByRole('dialog').getByRole('textbox').first()).toBeVisible()
}

async function openOrder(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^(Order|顺序|排序|播放顺序)$/ }).click()
  await expect(page.getByRole('dialog').getByRole('listitem').first()).toBeVisible()
}

/** What axe finds wrong, one line each. */
async function axeOn(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze()
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ target, failureSummary }) => `${id} at ${target.join(' ')}: ${failureSummary?.split('\n').at(-1)?.trim()}`,
    ),
  )
}

/** Presses Tab until the wanted control has the focus, and sees that the focus is shown. */
async function reach(page: Page, wanted: () => ReturnType<Page['locator']>): Promise<void> {
  await expect(wanted()).toBeVisible()
  const isThere = () => wanted().evaluate((element) => element === document.activeElement)
  for (let press = 0; press < 60 && !(await isThere()); press++) await page.keyboard.press('Tab')
  await expect(wanted()).toBeFocused()
  const shown = await wanted().evaluate((element) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(element)
    return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2
  })
  expect(shown, 'the focus is seen').toBe(true)
}
