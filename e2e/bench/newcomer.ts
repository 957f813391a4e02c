import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { chromium, type Page } from '@playwright/test'
import { person } from '../fixtures.ts'
import { adCard, asFile, chooseFiles } from '../panel-page.ts'
import config from '../playwright.config.ts'
import { colourFilm } from '../sample-media.ts'
import type { Bench, Figure } from './figure.ts'
import { type Summary, summarize } from './statistics.ts'

const repository = join(import.meta.dirname, '../..')
const mostSeconds = 300
const phone = { locale: 'en-US', viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true }

type Phases = { readonly started: number; readonly uploaded: number; readonly playing: number }

export const newcomer: Figure = {
  name: 'newcomer',
  title: 'From `git clone` to the first ad on a screen',
  method:
    'A clone of this repository in an empty folder, nothing in the caches of npm and pnpm; `npm start` there. Then a Chromium of the size of a phone opens the printed link, makes the account and the shop, uploads a film that was just made and pairs a second Chromium that shows `/player/`; it ends when that film plays there (`currentTime` advances). A machine fills in the forms, so a person needs the time to read and type on top.',
  async run(bench) {
    const runs: Phases[] = []
    for (let round = 0; round < (bench.quick ? 1 : 2); round++) {
      const phases = await clock(bench)
      bench.say(`${Math.round(phases.started)} + ${Math.round(phases.uploaded)} + ${Math.round(phases.playing)} s`)
      runs.push(phases)
    }
    const of = (value: (phases: Phases) => number): Summary => summarize(runs.map(value))
    const whole = of(({ started, uploaded, playing }) => started + uploaded + playing)
    const most = { text: `≤ ${mostSeconds / 60} min`, met: whole.max <= mostSeconds }
    return [
      { what: '`git clone` and `npm start`, until it listens', unit: 's', subject: of(({ started }) => started) },
      { what: 'account, shop and upload, until the ad is there', unit: 's', subject: of(({ uploaded }) => uploaded) },
      { what: 'a screen paired, until the film plays', unit: 's', subject: of(({ playing }) => playing) },
      { what: 'all of it', unit: 's', subject: whole, must: most },
    ]
  },
}

async function clock({ scratch }: Bench): Promise<Phases> {
  const film = colourFilm('green', 5)
  const folder = mkdtempSync(join(scratch, 'newcomer-'))
  const clone = join(folder, 'marquee')
  const lap = stopwatch()
  execFileSync('git', ['clone', '--quiet', repository, clone])
  const program = start(clone, folder)
  const browser = await chromium.launch(config.use?.launchOptions)
  try {
    const link = await program.setUpLink
    const started = lap()
    const page = await (await browser.newContext(phone)).newPage()
    await makeAccount(page, link)
    const steps = page.getByRole('region', { name: 'Three steps to your first ad on a screen' })
    await chooseFiles(steps.getByRole('button', { name: 'Upload' }), asFile('Noodles.mp4', film))
    await adCard(page, 'Noodles').waitFor()
    const uploaded = lap()
    const screen = await (await browser.newContext({ viewport: { width: 1280, height: 720 } })).newPage()
    await screen.goto(new URL('/player/', link).href)
    const code = (await screen.locator('.code:not(.waiting)').textContent()) ?? ''
    await steps.getByRole('link', { name: 'Add a screen' }).tap()
    await page.getByLabel('Pairing code').fill(code.replace(/\s/g, ''))
    await page.getByLabel('Name of the screen').fill('Window')
    await page.getByRole('button', { name: 'Pair screen' }).tap()
    await screen.waitForFunction(() =>
      [...document.querySelectorAll('video')].some(({ paused, currentTime }) => !paused && currentTime > 0.2),
    )
    return { started, uploaded, playing: lap() }
  } finally {
    await browser.close()
    await program.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function makeAccount(page: Page, link: string): Promise<void> {
  page.setDefaultTimeout(120_000)
  await page.goto(link)
  await page.getByLabel('Your name').fill(person.name)
  await page.getByLabel('Email').fill(person.email)
  await page.getByLabel('Password', { exact: true }).fill(person.password)
  await page.getByLabel('Shop or brand').fill('Corner shop')
  await page.getByRole('button', { name: 'Create and start' }).tap()
}

/** `npm start` as somebody types it, on a free port and without what earlier installations left in caches. */
function start(clone: string, folder: string) {
  const own = Object.entries(process.env).filter(([name]) => !/^(MARQUEE_|npm_|PNPM_)/.test(name))
  const child = spawn('npm', ['start'], {
    cwd: clone,
    env: {
      ...Object.fromEntries(own),
      MARQUEE_PORT: '0',
      npm_config_cache: join(folder, 'npm'),
      XDG_DATA_HOME: join(folder, 'data'),
      XDG_CACHE_HOME: join(folder, 'cache'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return { setUpLink: findLink(child), stop: () => stop(child) }
}

function findLink(child: ChildProcess): Promise<string> {
  const lines: string[] = []
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line)
        const [link] = /http\S+\/setup\/\S+/.exec(line) ?? []
        if (link) resolve(link)
      })
    }
    child.once('exit', (code) => reject(new Error(`"npm start" ended with ${code}:\n${lines.join('\n')}`)))
  })
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGINT')
  await ended
}

/** Gives the seconds since it was asked last. */
function stopwatch(): () => number {
  let last = performance.now()
  return () => {
    const before = last
    last = performance.now()
    return (last - before) / 1000
  }
}
