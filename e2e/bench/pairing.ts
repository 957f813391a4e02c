import { join } from 'node:path'
import { type Browser, chromium, type Page } from '@playwright/test'
import config from '../playwright.config.ts'
import type { Bench, Figure } from './figure.ts'
import { connect } from './load/client.ts'
import { startMarquee } from './programs.ts'
import { latencyOf } from './statistics.ts'
import { makeTenant } from './tenant.ts'
import { uploadAd } from './upload-ad.ts'

const sample = join(import.meta.dirname, '../../examples/morning-coffee.mp4')
const mostMs = 2_000
/** Below the limit of one address; see `maxPairingsPerAddress`. */
const counts = { quick: 3, full: 25 }

export const pairing: Figure = {
  name: 'pairing',
  title: 'From the confirmation of a code to the picture',
  method:
    "A new Chromium profile opens `/player/` and shows its code; a script confirms it (`screens.confirmPairing`). From that call until the film of the screen's first ad, 1280 × 720 H.264, has presented a frame on the glass: hearing of it, taking the device token, the manifest, the film's first bytes and decoding them are within. Browser, its software rendering and server share the machine. One warm-up, then one pairing after the other, each screen removed again.",
  async run(bench) {
    const dataDir = join(bench.scratch, 'data')
    const key = await makeTenant({ dataDir }, 'bench')
    await using marquee = await startMarquee({ dataDir })
    const api = connect(marquee.url, { authorization: `Bearer ${key}` })
    await uploadAd(api.uploads, sample)
    const browser = await chromium.launch(config.use?.launchOptions)
    try {
      const times = await measure(bench, { browser, api, url: marquee.url })
      const latency = latencyOf(times)
      return [
        {
          what: 'from the call of `screens.confirmPairing`',
          unit: 'ms',
          subject: latency,
          must: { text: `every one ≤ ${mostMs / 1000} s`, met: latency.max <= mostMs },
        },
      ]
    } finally {
      await browser.close()
    }
  },
}

type Place = { readonly browser: Browser; readonly api: ReturnType<typeof connect>; readonly url: string }

async function measure(bench: Bench, { browser, api, url }: Place): Promise<number[]> {
  const times: number[] = []
  for (let at = 0; at <= (bench.quick ? counts.quick : counts.full); at++) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 720 } })
    const page = await context.newPage()
    const code = await showCode(page, url)
    const playing = page.evaluate(firstFrame)
    const called = performance.timeOrigin + performance.now()
    const screen = await api.screens.confirmPairing.mutate({ code, name: `Screen ${at}` })
    const took = (await playing) - called
    if (at > 0) times.push(took)
    bench.say(`${at === 0 ? 'warm-up' : `pairing ${at}`}: ${Math.round(took)} ms`)
    await api.screens.revoke.mutate({ id: screen.id })
    await context.close()
  }
  return times
}

async function showCode(page: Page, url: string): Promise<string> {
  await page.goto(`${url}/player/`)
  return ((await page.locator('.code:not(.waiting)').textContent()) ?? '').replace(/\s/g, '')
}

/** In the page: the instant at which a film on the glass moves and nothing covers it. */
function firstFrame(): Promise<number> {
  return new Promise((resolve) => {
    const look = () => {
      const video = document.querySelector<HTMLVideoElement>('[data-place="front"] video')
      const page = document.querySelector<HTMLElement>('.page')
      if (video && video.currentTime > 0 && !video.paused && page?.hidden)
        resolve(performance.timeOrigin + performance.now())
      else requestAnimationFrame(look)
    }
    look()
  })
}
