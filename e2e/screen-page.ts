import type { Page } from '@playwright/test'
import sharp from 'sharp'
import { type Colour, nearestColour } from './sample-media.ts'

type Probe = { page: string; revision: number | null; adId: string | null; transitions: number; problems: string[] }

/** What the player says about itself; it does with `?debug`. */
export const probe = (page: Page) => page.evaluate(() => (window as unknown as { marqueeProbe: Probe }).marqueeProbe)

/** The colour in the middle of the page as a person sees it. */
export async function colourOn(page: Page): Promise<Colour | 'dark'> {
  const image = sharp(await page.screenshot()).removeAlpha()
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true })
  const at = (Math.floor(info.height / 2) * info.width + Math.floor(info.width / 2)) * info.channels
  return nearestColour([...data.subarray(at, at + 3)])
}

/** Opens the player on a page and gives what it shows to people: the code, and the address in its QR code. */
export async function openPlayer(page: Page, url: string): Promise<{ code: string; confirmUrl: string }> {
  const started = page.waitForResponse((response) => response.url().includes('/trpc/player.startPairing'))
  await page.goto(`${url}/player/?debug`)
  const { result } = (await (await started).json()) as { result: { data: { confirmUrl: string } } }
  const code = (await page.locator('.code:not(.waiting)').textContent())?.replace(/\s/g, '') ?? ''
  return { code, confirmUrl: result.data.confirmUrl }
}
