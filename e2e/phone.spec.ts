import type { Locator, Page } from '@playwright/test'
import sharp from 'sharp'
import { expect, type Installation, test } from './fixtures.ts'
import { adCard, asFile, chooseFiles, toast } from './panel-page.ts'
import { colourPicture, sidewaysFilm, uploadAd } from './sample-media.ts'
import { colourAt, probe } from './screen-page.ts'

test.use({ viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true })

test('a film that a phone stored on its side is upright: its size, its still, and on the screen', async ({
  page: phone,
  installation,
  elsewhere,
}) => {
  await installation.signIn(phone.context())
  await phone.goto(installation.url)
  await chooseFiles(phone.getByRole('button', { name: 'Upload' }).first(), asFile('Upright.mp4', sidewaysFilm()))
  await expect(adCard(phone, 'Upright')).toBeVisible({ timeout: 60_000 })
  const [ad] = (await installation.owner.trpc.ads.list.query({})).items
  expect(ad?.asset).toMatchObject({ kind: 'film', width: 360, height: 640 })
  const poster = Buffer.from(await (await fetch(ad?.asset.posterUrl ?? '')).arrayBuffer())
  const { width, height } = await sharp(poster).metadata()
  expect(width / height).toBeCloseTo(360 / 640, 2)
  expect(await halves(poster)).toEqual(['red', 'blue'])

  const screen = await elsewhere({ viewport: { width: 720, height: 1280 } })
  await installation.pairScreen(screen, 'Door')
  await expect.poll(async () => (await probe(screen)).adId).toBe(ad?.id)
  const seen = await screen.screenshot()
  expect(await halves(seen)).toEqual(['red', 'blue'])
  // It fills the upright screen to its edges.
  expect(await colourAt(seen, [0.02, 0.55])).toBe('blue')
  expect(await colourAt(seen, [0.98, 0.98])).toBe('blue')
})

test('an ad is dragged to another place with a finger, and stays there', async ({ page: phone, installation }) => {
  for (const colour of ['red', 'green', 'blue'] as const)
    await uploadAd(installation.owner, { bytes: await colourPicture(colour), name: `${colour}.png` })
  const before = await titles(installation)
  await installation.signIn(phone.context())
  await phone.goto(installation.url)
  const rows = await openOrder(phone)
  await expect(rows).toHaveCount(3)
  const letGo = await drag(phone, rows.first().getByLabel(/^Drag/), rows.last())
  // The others make room.
  await expect(rows.first()).toContainText(before[1] ?? '')
  await letGo()
  await expect(toast(phone, 'Order saved')).toBeVisible()
  const wanted = [before[1], before[2], before[0]]
  await expect.poll(() => titles(installation)).toEqual(wanted)
  await phone.reload()
  const again = await openOrder(phone)
  for (const [at, title] of wanted.entries()) await expect(again.nth(at)).toContainText(title ?? '')
})

async function openOrder(phone: Page): Promise<Locator> {
  await phone.getByRole('button', { name: 'Order' }).tap()
  return phone.getByRole('dialog', { name: 'Playing order' }).getByRole('listitem')
}

async function titles({ owner }: Installation): Promise<string[]> {
  return (await owner.trpc.ads.list.query({})).items.map(({ title }) => title)
}

/** One finger, from the middle of one thing to just past the middle of another; gives what lets go. */
async function drag(page: Page, from: Locator, to: Locator): Promise<() => Promise<unknown>> {
  const [start, end] = [await middle(from), await middle(to)]
  const finger = await page.context().newCDPSession(page)
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', y?: number) =>
    finger.send('Input.dispatchTouchEvent', { type, touchPoints: y === undefined ? [] : [{ x: start.x, y }] })
  await touch('touchStart', start.y)
  const steps = 20
  for (let step = 1; step <= steps; step++) {
    await touch('touchMove', start.y + ((end.y + 10 - start.y) * step) / steps)
    // A frame for each, as a finger gives.
    await page.evaluate(() => new Promise(requestAnimationFrame))
  }
  return () => touch('touchEnd')
}

async function middle(of: Locator): Promise<{ x: number; y: number }> {
  const box = await of.boundingBox()
  if (!box) throw new Error('It is not on the page')
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}

/** The colours in the middle of the upper and of the lower half. */
async function halves(image: Buffer) {
  return [await colourAt(image, [0.5, 0.25]), await colourAt(image, [0.5, 0.75])]
}
