import { join } from 'node:path'
import { type Bench, type Figure, interleave, pick, type Row, type Sample } from './figure.ts'
import { queryUrl, type Shelf, sqliteLibrary } from './library.ts'
import type { PacedTarget } from './load/paced.ts'
import type { RequestsAnswer, RequestsInput, Target } from './load/requests.ts'
import { askPaced } from './paced.ts'
import { type Program, runLoad, startBaseline, startMarquee } from './programs.ts'
import { latencyOf, ratioOf, summarize } from './statistics.ts'

const connections = 8
const limit = 50
/** Of a p99 at 100,000 over one at 1,000 that counts as flat. */
const flat = 1.5

export const list: Figure = {
  name: 'list',
  title: 'ads.list, 50 of 100,000',
  method:
    'Pages from 50 places all over the list, by an API key over HTTP. Throughput: eight keep-alive connections in a closed loop, beside a bare `node:http` server that answers the same rows of the same SQLite file as the same JSON with one prepared statement; it makes no signed URLs and checks no key. Latency: open loop, three tenants of 1,000, 10,000 and 100,000 ads in one database, asked in turn.',
  async run(bench) {
    const { place, shelves } = await sqliteLibrary(bench)
    const largest = shelves.at(-1)
    if (!largest) return []
    await using marquee = await startMarquee(place)
    await using bare = await startBaseline('list', [join(place.dataDir, 'marquee.db'), largest.tenantId])
    const count = bench.quick ? 500 : 3_000
    const series = await interleave(bench, {
      marquee: () => measure(marquee, marqueePages(marquee, largest), count),
      bare: () => measure(bare, barePages(bare, largest), count),
    })
    return [...throughputRows(series), ...(await growth(bench, marquee, shelves))]
  },
}

function marqueePages({ url }: Program, { key, pages }: Shelf): Target[] {
  const headers = { authorization: `Bearer ${key}` }
  return pages.map(({ cursor }) => ({ url: queryUrl(url, 'ads.list', { limit, cursor }), headers }))
}

function barePages({ url }: Program, { pages }: Shelf): Target[] {
  return pages.map(({ position }) => ({ url: `${url}/?limit=${limit}&position=${position}` }))
}

async function measure({ pid }: Program, targets: Target[], count: number): Promise<Sample> {
  const { ms, cpuMs, bytes } = await runLoad<RequestsInput, RequestsAnswer>('requests', {
    pid,
    targets,
    connections,
    count,
    status: 200,
  })
  return { perSecond: (count * 1000) / ms, cpuUs: (cpuMs * 1000) / count, kb: bytes / count / 1000 }
}

function throughputRows({ marquee, bare }: Record<'marquee' | 'bare', Sample[]>): Row[] {
  const row = (unit: string, measure: string): Row => ({
    what: 'one page',
    unit,
    subject: summarize(pick(marquee, measure)),
    beside: { name: 'http + better-sqlite3', value: summarize(pick(bare, measure)) },
    ratio: ratioOf(pick(marquee, measure), pick(bare, measure)),
  })
  const rate = row('requests/s', 'perSecond')
  return [
    { ...rate, must: { text: '≥ 0.5 ×', met: (rate.ratio?.value ?? 0) >= 0.5 } },
    row('µs CPU per request', 'cpuUs'),
    row('kB per answer', 'kb'),
  ]
}

/** The same question at three sizes, each in an open loop. */
async function growth(bench: Bench, program: Program, shelves: readonly Shelf[]): Promise<Row[]> {
  const targets: PacedTarget[] = []
  for (let at = 0; at < (shelves[0]?.pages.length ?? 0); at++)
    for (const shelf of shelves) {
      const page = marqueePages(program, shelf)[at]
      if (page?.headers) targets.push({ name: String(shelf.count), url: page.url, headers: page.headers })
    }
  const perRound = (bench.quick ? 50 : 250) * shelves.length
  const pooled = await askPaced({ bench, targets, perSecond: 60, perRound })
  const latencies = shelves.map(({ count }) => ({ count, latency: latencyOf(pooled.get(String(count)) ?? []) }))
  const [smallest, largest] = [latencies[0], latencies.at(-1)]
  return latencies.map(({ count, latency }) => ({
    what: `one page among ${count.toLocaleString('en')}`,
    unit: 'ms',
    subject: latency,
    ...(count === largest?.count && {
      must: {
        text: `p99 flat: ≤ ${flat} × that of the smallest`,
        met: latency.p99 <= flat * (smallest?.latency.p99 ?? 0),
      },
    }),
  }))
}
