import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench, Figure, Row } from './figure.ts'
import { queryUrl } from './library.ts'
import { connect } from './load/client.ts'
import type { Change, ScreensAnswer, ScreensInput, Stream } from './load/screens.ts'
import { rssMb } from './processes.ts'
import { type Program, runLoad, startBaseline, startMarquee } from './programs.ts'
import { seedAds } from './seed.ts'
import { latencyOf, ratioOf, type Summary, summarize } from './statistics.ts'
import { addScreens, makeTenant, withDb } from './tenant.ts'

const tenantId = 'fleet'
const adCount = 20
const [mostMs, mostKb] = [500, 220]
const idleMs = 3_000

export const fanOut: Figure = {
  name: 'fan-out',
  title: 'A change to 1,000 connected screens',
  method:
    'Screens hold their subscriptions (`live.screen`) over HTTP; an ad is changed by the API (`ads.update`) once a second. From the start of that request until a screen has the notice, all screens and changes together. Memory: RSS of the server with all connected, at its highest while changes go out, less the value before they came. Each round is a new process, with one change to warm up. Beside it a bare `node:http` server that writes one line to every open response.',
  async run(bench) {
    const dataDir = join(bench.scratch, 'data')
    mkdirSync(dataDir)
    const key = await makeTenant({ dataDir }, tenantId)
    const sizes = bench.quick ? [10, 100] : [10, 100, 1_000]
    const largest = sizes.at(-1) ?? 0
    const cookies = await withDb({ dataDir }, async (db) => {
      await seedAds(db, { tenantId, count: adCount })
      return addScreens(db, tenantId, largest)
    })
    const fleet = { dataDir, key, cookies }
    const rows: Row[] = []
    for (const size of sizes.slice(0, -1)) {
      const notices = await repeat(bench, () => onMarquee(fleet, size))
      rows.push({
        what: `notice, ${size} screens`,
        unit: 'ms',
        subject: latencyOf(notices.flatMap((one) => one.notices)),
      })
    }
    return [...rows, ...(await compare(bench, fleet, largest))]
  },
}

type Fleet = { readonly dataDir: string; readonly key: string; readonly cookies: readonly string[] }
type Answer = ScreensAnswer & { readonly kbPerScreen: number; readonly connectedKb: number }

async function compare(bench: Bench, fleet: Fleet, size: number): Promise<Row[]> {
  const [ours, bare, withManifests]: Answer[][] = [[], [], []]
  for (let round = 0; round < bench.rounds; round++) {
    ours?.push(tell(bench, `round ${round + 1} marquee`, await onMarquee(fleet, size)))
    bare?.push(tell(bench, `round ${round + 1} bare`, await onBare(size)))
    withManifests?.push(tell(bench, `round ${round + 1} with manifests`, await onMarquee(fleet, size, true)))
  }
  return toRows(size, { ours: ours ?? [], bare: bare ?? [], withManifests: withManifests ?? [] })
}

function toRows(
  size: number,
  { ours, bare, withManifests }: Record<'ours' | 'bare' | 'withManifests', Answer[]>,
): Row[] {
  const notices = latencyOf(ours.flatMap((one) => one.notices))
  const besideNotices = latencyOf(bare.flatMap((one) => one.notices))
  const memory = (all: Answer[], of: 'kbPerScreen' | 'connectedKb'): Summary => summarize(all.map((one) => one[of]))
  const perScreen = memory(ours, 'kbPerScreen')
  const p99s = (all: Answer[]) => all.map((one) => latencyOf(one.notices).p99)
  const storm = withManifests.flatMap((one) => one.manifests)
  const many = size.toLocaleString('en')
  return [
    {
      what: `notice, ${many} screens`,
      unit: 'ms',
      subject: notices,
      beside: { name: 'bare SSE', value: besideNotices },
      ratio: ratioOf(p99s(ours), p99s(bare)),
      must: { text: `p99 ≤ ${mostMs} ms`, met: notices.p99 <= mostMs },
    },
    {
      what: `memory a screen, highest`,
      unit: 'kB',
      subject: perScreen,
      beside: { name: 'bare SSE', value: memory(bare, 'kbPerScreen') },
      must: { text: `≤ ${mostKb} kB`, met: perScreen.median <= mostKb },
    },
    {
      what: 'memory a screen, connected and quiet',
      unit: 'kB',
      subject: memory(ours, 'connectedKb'),
      beside: { name: 'bare SSE', value: memory(bare, 'connectedKb') },
    },
    {
      what: `notice, ${many} screens, each then fetching its manifest`,
      unit: 'ms',
      subject: latencyOf(withManifests.flatMap((one) => one.notices)),
    },
    { what: `all of the above until the manifest is there`, unit: 'ms', subject: latencyOf(storm) },
  ]
}

async function repeat(bench: Bench, run: () => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = []
  for (let round = 0; round < bench.rounds; round++) answers.push(await run())
  return answers
}

async function onMarquee(fleet: Fleet, size: number, fetchManifest = false): Promise<Answer> {
  await using marquee = await startMarquee(fleet)
  const authorization = `Bearer ${fleet.key}`
  const { items } = await connect(marquee.url, { authorization }).ads.list.query({ limit: 1 })
  const streams = fleet.cookies
    .slice(0, size)
    .map((cookie) => ({ url: queryUrl(marquee.url, 'live.screen', {}), headers: { cookie } }))
  const headers = { authorization, 'content-type': 'application/json' }
  const changes = titles().map((title) => ({
    url: `${marquee.url}/trpc/ads.update`,
    headers,
    body: JSON.stringify({ id: items[0]?.id, title }),
  }))
  return await measure(marquee, {
    streams,
    changes,
    ...(fetchManifest && { thenGet: `${marquee.url}/trpc/player.manifest` }),
  })
}

async function onBare(size: number): Promise<Answer> {
  await using bare = await startBaseline('sse', [])
  const streams = Array.from({ length: size }, () => ({ url: bare.url, headers: {} }))
  return await measure(bare, { streams, changes: titles().map((body) => ({ url: bare.url, headers: {}, body })) })
}

/** One to warm up, and five that count. */
function titles(): string[] {
  return Array.from({ length: 6 }, () => `Title ${crypto.randomUUID()}`)
}

type Work = { readonly streams: Stream[]; readonly changes: Change[]; readonly thenGet?: string }

async function measure({ pid }: Program, work: Work): Promise<Answer> {
  await new Promise((resolve) => setTimeout(resolve, idleMs))
  const before = rssMb(pid)
  const answer = await runLoad<ScreensInput, ScreensAnswer>('screens', { pid, everyMs: 1_000, ...work })
  const perScreen = (mb: number) => ((mb - before) * 1024) / work.streams.length
  return { ...answer, kbPerScreen: perScreen(answer.peakRssMb), connectedKb: perScreen(answer.connectedRssMb) }
}

function tell({ say }: Bench, what: string, answer: Answer): Answer {
  const { p50, p99 } = latencyOf(answer.notices)
  say(`${what}: notice p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)} ms, ${answer.kbPerScreen.toFixed(0)} kB a screen`)
  return answer
}
