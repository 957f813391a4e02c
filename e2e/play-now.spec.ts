import { expect, type Installation, test } from './fixtures.ts'
import { colourFilm, colourPicture, uploadAd } from './sample-media.ts'
import { colourAt, colourOn, probe, recordFrames } from './screen-page.ts'

/** A loop of a red film and a green picture, and a pink picture that is in no loop. */
async function prepare({ owner }: Installation, seconds: number) {
  const red = await uploadAd(owner, { bytes: colourFilm('red', seconds), name: 'red.mp4' })
  const durationMs = seconds * 1_000
  const green = await uploadAd(owner, { bytes: await colourPicture('green'), name: 'green.png', durationMs })
  const pink = await uploadAd(owner, { bytes: await colourPicture('pink'), name: 'pink.png', durationMs: 2_000 })
  const ids = { red: red.ad?.id ?? '', green: green.ad?.id ?? '', pink: pink.ad?.id ?? '' }
  await owner.trpc.ads.setEnabled.mutate({ ids: [ids.pink], enabled: false })
  return ids
}

async function playNow({ owner }: Installation, adId: string): Promise<void> {
  const [screen] = (await owner.trpc.screens.list.query()).items
  await owner.trpc.screens.playNow.mutate({ id: screen?.id ?? '', adId })
}

test('an ad that is to be played now cuts in at once, without a black frame, and the loop goes on behind it', async ({
  installation,
  page,
}) => {
  const ids = await prepare(installation, 30)
  await page.setViewportSize({ width: 1280, height: 720 })
  await installation.pairScreen(page, 'Window')
  await expect.poll(async () => (await probe(page)).adId).toBe(ids.red)
  const { frames, stop } = await recordFrames(page)
  await playNow(installation, ids.pink)
  await expect.poll(async () => (await probe(page)).adId, { timeout: 5_000, intervals: [100] }).toBe(ids.pink)
  expect(await colourOn(page)).toBe('pink')
  await expect.poll(async () => (await probe(page)).adId, { timeout: 10_000 }).toBe(ids.green)
  await stop()
  expect((await probe(page)).history).toEqual([ids.red, ids.pink, ids.green])
  for (const frame of frames) expect(await colourAt(frame, [0.5, 0.5]), `of ${frames.length}`).not.toBe('dark')
  await expect
    .poll(async () => (await installation.owner.trpc.screens.plays.query({})).items.map(({ ad }) => ad.id).sort())
    .toEqual(Object.values(ids).sort())
})

test('it is played once: not again after a reload, nor when the loop changes', async ({ installation, page }) => {
  const ids = await prepare(installation, 2)
  await installation.pairScreen(page, 'Window')
  await expect.poll(async () => (await probe(page)).adId).not.toBeNull()
  await playNow(installation, ids.pink)
  await expect.poll(async () => (await probe(page)).history).toContain(ids.pink)
  await page.reload()
  await expect.poll(async () => (await probe(page)).adId).not.toBeNull()
  await installation.owner.trpc.ads.update.mutate({ id: ids.green, description: 'Changed' })
  const { revision } = await installation.owner.trpc.screens.list.query()
  await expect.poll(async () => (await probe(page)).revision).toBe(revision)
  await expect.poll(async () => (await probe(page)).history.length).toBeGreaterThan(2)
  expect((await probe(page)).history).not.toContain(ids.pink)
})

test('it plays on a screen that has nothing else, which is empty again afterwards', async ({ installation, page }) => {
  const ids = await prepare(installation, 2)
  await installation.owner.trpc.ads.setEnabled.mutate({ ids: [ids.red, ids.green], enabled: false })
  await installation.pairScreen(page, 'Window')
  await expect.poll(async () => (await probe(page)).page).toBe('empty')
  await playNow(installation, ids.pink)
  await expect.poll(async () => (await probe(page)).adId, { intervals: [100] }).toBe(ids.pink)
  await expect.poll(async () => (await probe(page)).page).toBe('empty')
})
