import type { Page } from '@playwright/test'
import { expect, type Installation, test } from './fixtures.ts'
import config from './playwright.config.ts'
import { colourFilm, uploadAd } from './sample-media.ts'
import { colourOn, probe } from './screen-page.ts'

const launch = config.use?.launchOptions
// A browser that allows sound only after a touch, as most do.
const args = (launch?.args ?? []).filter((arg) => !arg.startsWith('--autoplay-policy'))
test.use({
  // Its snapshots of the page would count as a touch.
  trace: 'off',
  launchOptions: { ...launch, args: [...args, '--autoplay-policy=document-user-activation-required'] },
})

test('where the browser refuses sound it plays without and says how to get it; a touch brings it', async ({
  installation,
  page,
}) => {
  const { ad } = await uploadAd(installation.owner, { bytes: colourFilm('green', 2), name: 'green.mp4' })
  const look = await watch(page)
  await openAndPair(page, installation)
  await expect.poll(look).toMatchObject({ adId: ad?.id, muted: true, hint: 'Tap or press a key for sound' })
  // It goes on: the film ends and begins again.
  const { transitions } = await look()
  await expect.poll(async () => (await look()).transitions).toBeGreaterThan(transitions + 1)
  expect(await look()).toMatchObject({ adId: ad?.id, muted: true, paused: false })

  await page.mouse.click(200, 200)
  await expect.poll(look).toMatchObject({ muted: false, hint: null })
  await expect.poll(async () => (await look()).transitions).toBeGreaterThan(transitions + 3)
  await expect.poll(look).toMatchObject({ muted: false, paused: false })
  expect(await colourOn(page)).toBe('green')
  expect((await probe(page)).problems).toEqual([])
})

type Look = { adId: string | null; transitions: number; muted: boolean; paused: boolean; hint: string | null }

/** Looks at the page without a trace: whatever Playwright evaluates counts as somebody's touch. */
async function watch(page: Page): Promise<() => Promise<Look>> {
  const session = await page.context().newCDPSession(page)
  const expression = `(() => {
    const { muted, paused } = document.querySelector('[data-place="front"] video') ?? {}
    const hint = document.querySelector('.hint')
    const { adId, transitions } = window.marqueeProbe ?? {}
    return { adId, transitions, muted, paused, hint: hint && !hint.hidden ? hint.textContent : null }
  })()`
  return async () => {
    const { result } = await session.send('Runtime.evaluate', { expression, returnByValue: true })
    return result.value
  }
}

async function openAndPair(page: Page, { url, owner }: Installation) {
  const started = page.waitForResponse((response) => response.url().includes('/trpc/player.startPairing'))
  await page.goto(`${url}/player/?debug`)
  const { result } = (await (await started).json()) as { result: { data: { code: string } } }
  await owner.trpc.screens.confirmPairing.mutate({ code: result.data.code, name: 'Window' })
}
