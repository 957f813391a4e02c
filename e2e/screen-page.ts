import type { CDPSession, Page } from '@playwright/test'
import jsQR from 'jsqr'
import sharp from 'sharp'
import { type Colour, nearestColour } from './sample-media.ts'

type Probe = {
  page: string
  revision: number | null
  adId: string | null
  transitions: number
  history: string[]
  presentedFrames: number
  problems: string[]
}

/** What the player says about itself; it does with `?debug`. */
export const probe = (page: Page) => page.evaluate(() => (window as unknown as { marqueeProbe: Probe }).marqueeProbe)

/** The colour in the middle of the page as a person sees it. */
export async function colourOn(page: Page): Promise<Colour | 'dark'> {
  return colourAt(await page.screenshot(), [0.5, 0.5])
}

/** The colour at a place of an image, given in parts of its width and height. */
export async function colourAt(image: Buffer, [across, down]: [number, number]): Promise<Colour | 'dark'> {
  const { data, info } = await sharp(image).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const at = (Math.floor(info.height * down) * info.width + Math.floor(info.width * across)) * info.channels
  return nearestColour([...data.subarray(at, at + 3)])
}

/** Opens the player on a page and gives the code that it shows, and the address that its QR code must have. */
export async function openPlayer(page: Page, url: string): Promise<{ code: string; confirmUrl: string }> {
  const started = page.waitForResponse((response) => response.url().includes('/trpc/player.startPairing'))
  await page.goto(`${url}/player/?debug`)
  const { result } = (await (await started).json()) as { result: { data: { confirmUrl: string } } }
  const code = (await page.locator('.code:not(.waiting)').textContent())?.replace(/\s/g, '') ?? ''
  return { code, confirmUrl: result.data.confirmUrl }
}

/** Every frame that the browser composes, small. */
export async function recordFrames(page: Page): Promise<{ frames: Buffer[]; stop(): Promise<void> }> {
  const session: CDPSession = await page.context().newCDPSession(page)
  const frames: Buffer[] = []
  session.on('Page.screencastFrame', ({ data, sessionId }) => {
    frames.push(Buffer.from(data, 'base64'))
    void session.send('Page.screencastFrameAck', { sessionId })
  })
  await session.send('Page.startScreencast', {
    format: 'jpeg',
    quality: 60,
    maxWidth: 160,
    maxHeight: 90,
    everyNthFrame: 1,
  })
  return { frames, stop: async () => void (await session.send('Page.stopScreencast')) }
}

/** What a phone's camera reads on the page. */
export async function readQrCode(page: Page): Promise<string> {
  const image = sharp(await page.screenshot()).ensureAlpha()
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true })
  return jsQR.default(new Uint8ClampedArray(data), info.width, info.height)?.data ?? 'no QR code'
}
