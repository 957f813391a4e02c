import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { startProgram, waitFor } from '../server/test/program.ts'
import { expect, startInstallation, test } from './fixtures.ts'
import { type Colour, colourFilm, colourPicture, uploadAd } from './sample-media.ts'
import { colourAt, colourOn, probe, recordFrames } from './screen-page.ts'

test('a film really plays: time advances, frames are presented, the pixels are those of the ad', async ({
  installation,
  page,
}) => {
  await installation.pairScreen(page, 'Window')
  const { ad } = await uploadAd(installation.owner, { bytes: colourFilm('green', 4), name: 'green.mp4' })
  await expect.poll(async () => (await probe(page)).adId).toBe(ad?.id)
  expect(await colourOn(page)).toBe('green')
  const time = () =>
    page.evaluate(() =>
      Math.max(...[...document.querySelectorAll('video')].map((video) => (video.paused ? 0 : video.currentTime))),
    )
  const [timeBefore, framesBefore] = [await time(), (await probe(page)).presentedFrames]
  await expect.poll(time).toBeGreaterThan(timeBefore + 0.5)
  await expect.poll(async () => (await probe(page)).presentedFrames).toBeGreaterThan(framesBefore + 5)
})

test('plays in order, films and pictures, and no frame of 50 transitions is black or shows the background', async ({
  installation,
  page,
}) => {
  test.setTimeout(240_000)
  const order: Colour[] = ['red', 'green', 'blue', 'yellow', 'pink']
  const ids: string[] = []
  for (const colour of order) {
    const isFilm = colour === 'red' || colour === 'green' || colour === 'yellow'
    const bytes = isFilm ? colourFilm(colour, 1) : await colourPicture(colour)
    const { ad } = await uploadAd(installation.owner, {
      bytes,
      name: `${colour}.${isFilm ? 'mp4' : 'png'}`,
      durationMs: 1_000,
    })
    ids.push(ad?.id ?? '')
  }
  await page.setViewportSize({ width: 1280, height: 720 })
  await installation.pairScreen(page, 'Window')
  // Without the debug overlay's text over the pixels that are looked at.
  await expect.poll(async () => (await probe(page)).transitions).toBeGreaterThan(0)
  const from = (await probe(page)).transitions
  const { frames, stop } = await recordFrames(page)
  await expect
    .poll(async () => (await probe(page)).transitions, { timeout: 180_000, intervals: [500] })
    .toBeGreaterThanOrEqual(from + 50)
  await stop()
  for (const frame of frames) {
    for (const place of [
      [0.5, 0.5],
      [0.9, 0.9],
      [0.5, 0.9],
    ] as [number, number][]) {
      expect(await colourAt(frame, place), `a frame of ${frames.length}`).not.toBe('dark')
    }
  }
  expect(frames.length).toBeGreaterThan(100)
  const { history } = await probe(page)
  expect(history.length).toBeGreaterThanOrEqual(50)
  for (let at = 1; at < history.length; at++) {
    expect(history[at]).toBe(ids[(ids.indexOf(history[at - 1] ?? '') + 1) % ids.length])
  }
  expect((await probe(page)).problems).toEqual([])
})

test('shuffled, it plays every ad of a round and none twice in a row', async ({ installation, page }) => {
  for (const colour of ['red', 'green', 'blue'] as const) {
    await uploadAd(installation.owner, { bytes: await colourPicture(colour), name: `${colour}.png`, durationMs: 1_000 })
  }
  await installation.pairScreen(page, 'Window')
  const [screen] = (await installation.owner.trpc.screens.list.query()).items
  await installation.owner.trpc.screens.update.mutate({ id: screen?.id ?? '', shuffle: true })
  await expect
    .poll(async () => (await probe(page)).revision)
    .toBe((await installation.owner.trpc.screens.list.query()).revision)
  const from = (await probe(page)).history.length
  await expect.poll(async () => (await probe(page)).history.length, { timeout: 60_000 }).toBeGreaterThan(from + 12)
  const played = (await probe(page)).history.slice(from)
  for (let at = 1; at < played.length; at++) expect(played[at]).not.toBe(played[at - 1])
  expect(new Set(played).size).toBe(3)
})

test('skips what is broken, says so in the list of screens, and plays it when it is whole again', async ({
  installation,
  page,
}) => {
  const good = await uploadAd(installation.owner, {
    bytes: await colourPicture('blue'),
    name: 'good.png',
    durationMs: 1_000,
  })
  const broken = await uploadAd(installation.owner, { bytes: colourFilm('red', 2), name: 'broken.mp4' })
  const folder = join(installation.program.dataDir, 'media')
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    if (/broken.*\.mp4$/.test(file)) rmSync(join(folder, file))
  await installation.pairScreen(page, 'Window')
  await expect.poll(async () => (await probe(page)).problems.length, { timeout: 30_000 }).toBeGreaterThan(0)
  await expect
    .poll(async () => (await installation.owner.trpc.screens.list.query()).items[0]?.problem?.adId)
    .toBe(broken.ad?.id)
  const from = (await probe(page)).transitions
  await expect.poll(async () => (await probe(page)).transitions, { timeout: 30_000 }).toBeGreaterThan(from + 3)
  expect((await probe(page)).adId).toBe(good.ad?.id)
  expect(await colourOn(page)).toBe('blue')
})

test('shows a quiet page with nothing to play, and leaves it by itself', async ({ installation, page }) => {
  await installation.pairScreen(page, 'Window')
  await expect.poll(async () => (await probe(page)).page).toBe('empty')
  await expect(page.getByText('Marquee', { exact: true })).toBeVisible()
  const { ad } = await uploadAd(installation.owner, { bytes: await colourPicture('pink'), name: 'pink.png' })
  await expect.poll(async () => (await probe(page)).adId).toBe(ad?.id)
  await installation.owner.trpc.ads.setEnabled.mutate({ ids: [ad?.id ?? ''], enabled: false })
  await expect.poll(async () => (await probe(page)).page).toBe('empty')
})

test('plays by itself once it is confirmed', async ({ installation, page }) => {
  const { ad } = await uploadAd(installation.owner, { bytes: await colourPicture('yellow'), name: 'yellow.png' })
  await installation.pairScreen(page, 'Window')
  await expect.poll(async () => (await probe(page)).adId).toBe(ad?.id)
})

test('goes on while the server is away, and comes back to the newest by itself', async ({ page }) => {
  const first = await startInstallation()
  const port = Number(new URL(first.url).port)
  await uploadAd(first.owner, { bytes: colourFilm('green', 1), name: 'green.mp4' })
  await uploadAd(first.owner, { bytes: await colourPicture('blue'), name: 'blue.png', durationMs: 1_000 })
  await first.pairScreen(page, 'Window')
  await expect.poll(async () => (await probe(page)).transitions).toBeGreaterThan(3)
  await first.program.stop('SIGKILL')
  const from = (await probe(page)).transitions
  await expect.poll(async () => (await probe(page)).transitions, { timeout: 40_000 }).toBeGreaterThan(from + 6)
  expect(['green', 'blue']).toContain(await colourOn(page))

  // The same data under the same address: the screen's credential is still good.
  await using _second = await startProgram({ dataDir: first.program.dataDir, port })
  const owner = first.owner
  const { revision } = await uploadAd(owner, {
    bytes: await colourPicture('pink'),
    name: 'pink.png',
    durationMs: 1_000,
  })
  await expect.poll(async () => (await probe(page)).revision, { timeout: 60_000 }).toBe(revision)
  const receipt = await waitFor(async () => {
    const { items, upToDate } = await owner.trpc.screens.list.query()
    return upToDate === items.length ? items : null
  })
  expect(receipt).toHaveLength(1)
})

test('survives a reload', async ({ installation, page }) => {
  const { ad } = await uploadAd(installation.owner, { bytes: await colourPicture('red'), name: 'red.png' })
  await installation.pairScreen(page, 'Window')
  await expect.poll(async () => (await probe(page)).adId).toBe(ad?.id)
  await page.reload()
  await expect.poll(async () => (await probe(page)).adId).toBe(ad?.id)
})

test('a revoked screen shows its code at once', async ({ installation, page }) => {
  await uploadAd(installation.owner, { bytes: await colourPicture('red'), name: 'red.png' })
  await installation.pairScreen(page, 'Window')
  await expect.poll(async () => (await probe(page)).adId).not.toBeNull()
  const [screen] = (await installation.owner.trpc.screens.list.query()).items
  await installation.owner.trpc.screens.revoke.mutate({ id: screen?.id ?? '' })
  await expect(page.locator('.code:not(.waiting)')).toBeVisible({ timeout: 3_000 })
  expect((await probe(page)).adId).toBeNull()
})

test('turns with its screen: upright content fills an upright screen', async ({ installation, page }) => {
  const { ad } = await uploadAd(installation.owner, {
    bytes: await colourPicture('green', [360, 640]),
    name: 'green.png',
  })
  await page.setViewportSize({ width: 1280, height: 720 })
  await installation.pairScreen(page, 'Window')
  await expect.poll(async () => (await probe(page)).adId).toBe(ad?.id)
  const [screen] = (await installation.owner.trpc.screens.list.query()).items
  for (const orientation of [90, 180, 270, 0] as const) {
    await installation.owner.trpc.screens.update.mutate({ id: screen?.id ?? '', orientation })
    await expect.poll(() => page.locator('.stage').getAttribute('data-turn')).toBe(String(orientation))
    const image = await page.screenshot()
    for (const corner of [
      [0.98, 0.98],
      [0.98, 0.02],
      [0.02, 0.98],
    ] as [number, number][])
      expect(await colourAt(image, corner)).toBe('green')
  }
})
