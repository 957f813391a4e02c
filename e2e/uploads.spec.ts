import { writeFileSync } from 'node:fs'
import type { CDPSession, Page, Request } from '@playwright/test'
import { film, padded } from '../server/test/fixtures/films.ts'
import { startProgram, waitFor } from '../server/test/program.ts'
import { expect, type Installation, startInstallation, test } from './fixtures.ts'
import { adCard, asFile, chooseFiles, uploadRow } from './panel-page.ts'
import { colourPicture } from './sample-media.ts'

const MB = 1024 * 1024
/** Five parts of 8 MB. */
const inParts = 40 * MB

test.describe.configure({ timeout: 240_000 })

test('files queue: one is sent at a time, with bytes, rate and time left', async ({ installation, page }) => {
  await open(page, installation)
  await throttle(page, MB / 2)
  const bytes = await film('h264-faststart.mp4')
  const files = ['first.mp4', 'second.mp4', 'third.mp4'].map((name, at) => asFile(name, padded(bytes, 12 * MB, at + 1)))
  await chooseFiles(uploadButton(page), files)
  await expect(page.getByRole('heading', { name: 'Uploading 3 files' })).toBeVisible()
  await expect(uploadRow(page, 'first.mp4')).toContainText(/[\d.]+ .?B of 12(\.\d)? MB · .+\/s · .+ left/, {
    timeout: 30_000,
  })
  await expect(uploadRow(page, 'second.mp4')).toContainText('Waiting')
  await expect(uploadRow(page, 'third.mp4')).toContainText('Waiting')
  const done = async () =>
    Number(await page.getByRole('progressbar', { name: 'first.mp4' }).getAttribute('aria-valuenow'))
  const before = await done()
  await expect.poll(done).toBeGreaterThan(before)
  await throttle(page, -1)
  await expect(page.getByRole('heading', { name: '3 files uploaded' })).toBeVisible({ timeout: 90_000 })
  for (const title of ['first', 'second', 'third']) await expect(adCard(page, title)).toBeVisible()
  const { items } = await installation.owner.trpc.ads.list.query({})
  expect(items.map((ad) => ad.title).sort()).toEqual(['first', 'second', 'third'])
})

test('a paused file lets the next one go first, and goes on from where it was', async ({ installation, page }) => {
  await open(page, installation)
  const puts = watchParts(page)
  await throttle(page, 1.5 * MB)
  const bytes = await film('h264-faststart.mp4')
  await chooseFiles(uploadButton(page), [asFile('long.mp4', padded(bytes, inParts)), asFile('short.mp4', bytes)])
  await arrivedParts(installation, 2)
  await throttle(page, MB / 4)
  await page.getByRole('button', { name: 'Pause: long.mp4' }).click()
  await expect(uploadRow(page, 'long.mp4')).toContainText('Paused')
  await throttle(page, -1)
  await expect(adCard(page, 'short')).toBeVisible({ timeout: 60_000 })
  await expect(uploadRow(page, 'long.mp4')).toContainText('Paused')
  const there = await arrivedParts(installation, 2)
  expect(there.length).toBeLessThan(5)
  puts.clear()
  await page.getByRole('button', { name: 'Resume: long.mp4' }).click()
  await expect(adCard(page, 'long')).toBeVisible({ timeout: 90_000 })
  expect(puts.parts().filter((part) => there.includes(part))).toEqual([])
})

test('goes on by itself after the server was killed, without sending again what had arrived', async ({ page }) => {
  const first = await startInstallation()
  await open(page, first)
  const puts = watchParts(page)
  await throttle(page, 1.5 * MB)
  await chooseFiles(uploadButton(page), asFile('long.mp4', padded(await film('h264-faststart.mp4'), inParts)))
  const there = await arrivedParts(first, 2)
  await first.program.stop('SIGKILL')
  await expect(uploadRow(page, 'long.mp4')).toContainText('No connection, trying again', { timeout: 60_000 })
  puts.clear()
  await throttle(page, -1)
  await using _second = await startProgram({ dataDir: first.program.dataDir, port: Number(new URL(first.url).port) })
  await expect(adCard(page, 'long')).toBeVisible({ timeout: 120_000 })
  expect(there.length).toBeLessThan(5)
  expect(puts.parts().filter((part) => there.includes(part))).toEqual([])
})

test('after a reload the same file goes on where it stopped', async ({ installation, page }) => {
  const path = test.info().outputPath('long.mp4')
  writeFileSync(path, padded(await film('h264-faststart.mp4'), inParts))
  await open(page, installation)
  page.on('dialog', (dialog) => void dialog.accept())
  await throttle(page, 1.5 * MB)
  await chooseFiles(uploadButton(page), path)
  await arrivedParts(installation, 2)
  await throttle(page, MB / 4)
  await page.reload()
  const there = await arrivedParts(installation, 2)
  await expect(uploadRow(page, 'long.mp4')).toContainText('Choose the same file to go on')
  const puts = watchParts(page)
  await chooseFiles(page.getByRole('button', { name: /^Choose file ?: long\.mp4$/ }), path)
  await expect(uploadRow(page, 'long.mp4')).toContainText('Going on where it stopped', { timeout: 30_000 })
  await throttle(page, -1)
  await expect(adCard(page, 'long')).toBeVisible({ timeout: 90_000 })
  expect(there.length).toBeLessThan(5)
  expect(puts.parts().filter((part) => there.includes(part))).toEqual([])
  expect((await installation.owner.trpc.uploads.list.query({})).items).toEqual([])
})

test('leaving the page warns while something is on its way, and only then', async ({ installation, page }) => {
  await open(page, installation)
  await throttle(page, 2 * MB)
  await chooseFiles(uploadButton(page), asFile('long.mp4', padded(await film('h264-faststart.mp4'), 16 * MB)))
  await expect(page.getByRole('progressbar', { name: 'long.mp4' })).toBeVisible()
  const asked = page.waitForEvent('dialog')
  await page.close({ runBeforeUnload: true })
  const dialog = await asked
  expect(dialog.type()).toBe('beforeunload')
  await dialog.dismiss()
  await throttle(page, -1)
  await expect(adCard(page, 'long')).toBeVisible({ timeout: 60_000 })
  await expect(page.getByRole('progressbar')).toHaveCount(0)
  const closed = page.waitForEvent('close')
  await page.close({ runBeforeUnload: true })
  await closed
})

test('what screens can not play is refused before a byte is sent, with the reason and what to do', async ({
  installation,
  page,
}) => {
  await open(page, installation)
  const sent: string[] = []
  page.on('request', (request) => {
    if (request.method() === 'PUT' || request.url().includes('uploads.create')) sent.push(request.url())
  })
  const files = [
    asFile('notes.mp4', Buffer.from('Milk, bread, eggs. '.repeat(500))),
    asFile('phone.mp4', await film('hevc.mp4')),
  ]
  await chooseFiles(uploadButton(page), files)
  const text = uploadRow(page, 'notes.mp4')
  await expect(text).toContainText('This is neither a film nor a picture that screens know.', { timeout: 30_000 })
  await expect(text).toContainText('Use MP4, MOV or WebM, or JPEG, PNG, WebP, GIF or AVIF.')
  const hevc = uploadRow(page, 'phone.mp4')
  await expect(hevc).toContainText('This film is HEVC, which screens can’t play.', { timeout: 30_000 })
  await expect(hevc).toContainText('Export it as H.264.')
  // The same file will not do a second time.
  await expect(page.getByRole('button', { name: /Try again: / })).toHaveCount(0)
  expect(sent).toEqual([])
  await expect(page.getByText('No ads yet')).toBeVisible()
})

test('files can be dropped on the page', async ({ installation, page }) => {
  await open(page, installation)
  const files = await page.evaluateHandle(transferOf, [...(await colourPicture('blue'))])
  await page.dispatchEvent('main', 'dragenter', { dataTransfer: files })
  await expect(page.getByText('Drop to upload')).toBeVisible()
  await page.dispatchEvent('main', 'dragover', { dataTransfer: files })
  await page.dispatchEvent('main', 'drop', { dataTransfer: files })
  await expect(page.getByText('Drop to upload')).toBeHidden()
  await expect(adCard(page, 'picture')).toBeVisible({ timeout: 30_000 })
})

test('a picture can be pasted into the page', async ({ installation, page }) => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: installation.url })
  await open(page, installation)
  await page.evaluate(
    async (bytes) => {
      const picture = new Blob([new Uint8Array(bytes)], { type: 'image/png' })
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': picture })])
    },
    [...(await colourPicture('pink'))],
  )
  await page.keyboard.press('ControlOrMeta+V')
  await expect(page.getByRole('main').getByRole('article')).toHaveCount(1, { timeout: 30_000 })
  expect((await installation.owner.trpc.ads.list.query({})).items[0]?.asset.kind).toBe('picture')
})

async function open(page: Page, installation: Installation): Promise<void> {
  await installation.signIn(page.context())
  await page.goto(installation.url)
  await expect(page.getByText('No ads yet')).toBeVisible()
}

const uploadButton = (page: Page) => page.getByRole('button', { name: 'Upload', exact: true }).first()

const sessions = new WeakMap<Page, Promise<CDPSession>>()
/** How many bytes a second may leave the page; -1: as many as can. */
async function throttle(page: Page, uploadThroughput: number): Promise<void> {
  const opened = sessions.get(page) ?? page.context().newCDPSession(page)
  sessions.set(page, opened)
  const session = await opened
  await session.send('Network.enable')
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput,
  })
}

/** Which parts the page sends. */
function watchParts(page: Page) {
  const sent: number[] = []
  page.on('request', (request: Request) => {
    const url = new URL(request.url())
    if (request.method() === 'PUT' && url.pathname.startsWith('/media/')) sent.push(Number(url.searchParams.get('n')))
  })
  return { parts: () => [...sent], clear: () => void sent.splice(0) }
}

/** The parts that the server has of the only unfinished upload, once it has so many. */
function arrivedParts({ owner }: Installation, least: number): Promise<readonly number[]> {
  return waitFor(async () => {
    const { items } = await owner.trpc.uploads.list.query({})
    const long = items.find((one) => one.size === inParts)
    return long && long.arrived.length >= least ? long.arrived : null
  }, 60_000)
}

/** Runs in the page: what a drag from a folder carries. */
function transferOf(bytes: number[]): DataTransfer {
  const transfer = new DataTransfer()
  transfer.items.add(new File([new Uint8Array(bytes)], 'picture.png', { type: 'image/png' }))
  return transfer
}
