import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { startProgram } from '../server/test/program.ts'
import { expect, person, test } from './fixtures.ts'
import { adCard, asFile, chooseFiles, signInOn, toast } from './panel-page.ts'
import { colourFilm, nearestColour } from './sample-media.ts'
import { colourOn, openPlayer, probe, readQrCode } from './screen-page.ts'

// Somebody who has never seen Marquee, with a phone.
test.use({ viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true })
test.describe.configure({ timeout: 300_000 })
const television = { viewport: { width: 1280, height: 720 } }

test('from the printed link to an ad that plays on a screen, with a phone alone', async ({
  page: phone,
  elsewhere,
}) => {
  await using program = await startProgram()

  await phone.goto(`${program.url}/setup/${program.setUpToken}`)
  await phone.getByLabel('Your name').fill(person.name)
  await phone.getByLabel('Email').fill(person.email)
  await phone.getByLabel('Password', { exact: true }).fill(person.password)
  await phone.getByLabel('Shop or brand').fill('Corner shop')
  await phone.getByRole('button', { name: 'Create and start' }).tap()

  const steps = phone.getByRole('region', { name: 'Three steps to your first ad on a screen' })
  await expect(steps.getByRole('listitem')).toHaveCount(3)
  await expect(steps.getByRole('listitem').nth(0)).toHaveAttribute('aria-current', 'step')

  await chooseFiles(steps.getByRole('button', { name: 'Upload' }), asFile('Noodles.mp4', colourFilm('green', 3)))
  const card = adCard(phone, 'Noodles')
  await expect(card).toBeVisible({ timeout: 60_000 })
  await expect.poll(() => posterColour(phone), { message: 'a still of the film' }).toBe('green')
  await expect(steps.getByRole('listitem').nth(1)).toHaveAttribute('aria-current', 'step')

  const screen = await elsewhere(television)
  const { code } = await openPlayer(screen, program.url)
  await steps.getByRole('link', { name: 'Add a screen' }).tap()
  await phone.getByLabel('Pairing code').fill(code)
  await phone.getByLabel('Name of the screen').fill('Window')
  await phone.getByRole('button', { name: 'Pair screen' }).tap()
  await expect(phone.getByRole('heading', { name: 'Window is paired' })).toBeVisible()

  await expect.poll(async () => (await probe(screen)).adId, { timeout: 30_000 }).not.toBeNull()
  await expect.poll(() => colourOn(screen)).toBe('green')
  await phone.getByRole('link', { name: 'See your screens' }).tap()
  const tile = phone.getByRole('article', { name: 'Window' })
  await expect(tile.getByText('Online')).toBeVisible()
  await expect(tile.getByText('Noodles').first()).toBeVisible()
  await expect(tile.getByText('Up to date')).toBeVisible()
  await phone.getByRole('link', { name: 'Ads' }).tap()
  await expect(card).toBeVisible()
  await expect(steps).toBeHidden()
  await expect(phone.getByRole('heading', { name: 'Your first ad is playing' })).toBeVisible()
})

test('what is changed on the phone is on the screen, and the phone says so', async ({
  page: phone,
  installation,
  elsewhere,
}) => {
  const screen = await elsewhere(television)
  await installation.pairScreen(screen, 'Window')
  await installation.signIn(phone.context())
  await phone.goto(installation.url)
  const upload = phone.getByRole('banner').or(phone.getByRole('main')).getByRole('button', { name: 'Upload' })
  await chooseFiles(upload.first(), asFile('Noodles.mp4', colourFilm('green', 3)))
  await expect(toast(phone, 'On 1 of 1 screen')).toBeVisible({ timeout: 60_000 })
  await expect.poll(async () => (await probe(screen)).adId).not.toBeNull()
  const { adId } = await probe(screen)
  const stops = () => expect.poll(async () => (await probe(screen)).page, { timeout: 30_000 }).toBe('empty')
  const plays = () => expect.poll(async () => (await probe(screen)).adId, { timeout: 30_000 }).toBe(adId)

  await editAd(phone, 'Noodles')
  await phone.getByLabel('Title').fill('Noodles for two')
  await saveAd(phone)
  await expect(toast(phone, 'On 1 of 1 screen').last()).toBeVisible()
  await expect(adCard(phone, 'Noodles for two')).toBeVisible()
  await plays()

  await editAd(phone, 'Noodles for two')
  await phone.getByRole('switch', { name: 'Show on screens' }).tap()
  await saveAd(phone)
  await stops()
  await expect(screen.getByRole('heading', { name: 'Nothing to show right now' })).toBeVisible()
  await editAd(phone, 'Noodles for two')
  await phone.getByRole('switch', { name: 'Show on screens' }).tap()
  await saveAd(phone)
  await plays()

  await deleteAd(phone, 'Noodles for two')
  await stops()
  await phone.getByRole('button', { name: 'Undo' }).tap()
  await expect(adCard(phone, 'Noodles for two')).toBeVisible()
  await plays()
  expect(filmsIn(installation.program.dataDir)).toHaveLength(1)

  await deleteAd(phone, 'Noodles for two')
  await stops()
  await phone.reload()
  await expect(phone.getByText('No ads yet')).toBeVisible()
  // The bytes stay as long as there is a way back, and then go.
  expect(filmsIn(installation.program.dataDir)).toHaveLength(1)
  await expect.poll(() => filmsIn(installation.program.dataDir), { timeout: 100_000 }).toHaveLength(0)
})

test('the QR code of a screen leads somebody who is signed out through signing in to its code', async ({
  page: phone,
  installation,
  elsewhere,
}) => {
  const screen = await elsewhere(television)
  const { code, confirmUrl } = await openPlayer(screen, installation.url)
  const drawn = await readQrCode(screen)
  expect(drawn).toBe(confirmUrl)
  await phone.goto(drawn)
  await signInOn(phone)
  await expect(phone.getByLabel('Pairing code')).toHaveValue(code)
  await phone.getByLabel('Name of the screen').fill('Door')
  await phone.getByRole('button', { name: 'Pair screen' }).tap()
  await expect(phone.getByRole('heading', { name: 'Door is paired' })).toBeVisible()
  await expect.poll(async () => (await probe(screen)).page).toBe('empty')
})

test('a code that no screen shows is refused with what to do', async ({ page: phone, installation }) => {
  await installation.signIn(phone.context())
  await phone.goto(`${installation.url}/pair`)
  await phone.getByLabel('Pairing code').fill('ABCDEF')
  await phone.getByLabel('Name of the screen').fill('Nowhere')
  await phone.getByRole('button', { name: 'Pair screen' }).tap()
  await expect(phone.getByRole('alert')).toHaveText(/No screen shows this code\. Compare it with the screen/)
})

async function editAd(phone: Page, title: string): Promise<void> {
  await adCard(phone, title).getByRole('button', { name: title }).first().tap()
  await expect(phone.getByRole('dialog', { name: 'Edit ad' })).toBeVisible()
}

async function saveAd(phone: Page): Promise<void> {
  const dialog = phone.getByRole('dialog', { name: 'Edit ad' })
  await dialog.getByRole('button', { name: 'Save' }).tap()
  await expect(dialog).toBeHidden()
}

async function deleteAd(phone: Page, title: string): Promise<void> {
  await editAd(phone, title)
  await phone.getByRole('dialog').getByRole('button', { name: 'Delete' }).tap()
  await expect(toast(phone, '1 ad deleted').last()).toBeVisible()
  await expect(adCard(phone, title)).toBeHidden()
}

/** The colour in the middle of the first still in the grid, or null while there is none. */
async function posterColour(page: Page) {
  const pixel = await page
    .getByRole('main')
    .getByRole('article')
    .locator('img')
    .first()
    .evaluate((image: HTMLImageElement) => {
      if (!image.complete || image.naturalWidth === 0) return null
      const canvas = Object.assign(document.createElement('canvas'), { width: 9, height: 9 })
      const context = canvas.getContext('2d')
      context?.drawImage(image, 0, 0, 9, 9)
      return [...(context?.getImageData(4, 4, 1, 1).data ?? [])].slice(0, 3)
    })
  return pixel && nearestColour(pixel)
}

function filmsIn(dataDir: string): string[] {
  return readdirSync(join(dataDir, 'media'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.mp4'),
  )
}
