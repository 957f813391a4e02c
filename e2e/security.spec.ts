import type { Page } from '@playwright/test'
import { expect, test } from './fixtures.ts'
import { colourPicture, uploadAd } from './sample-media.ts'

/** What Chromium says of things that the policy of a page forbids. */
function watchViolations(page: Page): string[] {
  const said: string[] = []
  page.on('console', (message) => {
    if (/content security policy|refused to/i.test(message.text())) said.push(`${page.url()}: ${message.text()}`)
  })
  return said
}

test('panel, player and API page keep to their own policy while they work', async ({ installation, page, context }) => {
  await installation.signIn(context)
  await uploadAd(installation.owner, { bytes: await colourPicture('red'), name: 'Red.png' })
  const said = watchViolations(page)
  await page.goto(`${installation.url}/`)
  await expect(page.getByRole('main').getByText('Red').first()).toBeVisible()
  for (const path of ['/screens', '/people', '/activity', '/settings']) {
    await page.goto(`${installation.url}${path}`)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  }
  await page.goto(`${installation.url}/api/`, { waitUntil: 'networkidle' })
  await installation.pairScreen(page, 'Window')
  await expect(page.locator('img, video').first()).toBeAttached()
  expect(said).toEqual([])
})

for (const path of ['/sign-in', '/player/', '/api/'])
  test(`${path} runs no script that somebody put into it, and loads nothing from elsewhere`, async ({
    installation,
    page,
  }) => {
    await page.goto(`${installation.url}${path}`)
    const seen = await page.evaluate(async () => {
      const forbidden: string[] = []
      document.addEventListener('securitypolicyviolation', (event) => forbidden.push(event.effectiveDirective))
      const script = document.createElement('script')
      script.textContent = 'document.title = "taken over"'
      document.body.append(script)
      const picture = new Image()
      picture.src = 'http://elsewhere.invalid/a.png'
      await fetch('http://elsewhere.invalid/').catch(() => undefined)
      await new Promise((resolve) => setTimeout(resolve, 300))
      return { forbidden: forbidden.sort(), title: document.title }
    })
    expect(seen.title).not.toBe('taken over')
    expect(seen.forbidden).toEqual(['connect-src', 'img-src', 'script-src-elem'])
  })
