import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Bench, type Figure, interleave, pick, type Row, type Sample } from './figure.ts'
import { makeFilm } from './film.ts'
import { queryUrl, sqliteLibrary } from './library.ts'
import type { FormInput } from './load/form.ts'
import type { RequestsAnswer, RequestsInput, Target } from './load/requests.ts'
import { rssMb, type Watched } from './processes.ts'
import { type Program, runLoad, startBaseline, startMarquee } from './programs.ts'
import { ratioOf, summarize } from './statistics.ts'
import { makeTenant } from './tenant.ts'

const MB = 1024 * 1024
const idleMs = 3_000
const connections = 8
const limit = 50

export const rest: Figure = {
  name: 'rest',
  title: 'REST: an upload of 500 MB in one form, and a list',
  method:
    'The form comes on one connection with its length, from its first byte until it is answered: the file synced to the disk, hashed, its content judged, an ad made of it. Beside it a bare `node:http` server with busboy that pipes the file into `createWriteStream`, without a sync. Memory is the highest of all rounds less the value before the first. The list: pages of 50 ads from all over a tenant of 100,000, `GET /api/ads/list` beside the same query at `/trpc`, in one server, eight keep-alive connections in a closed loop.',
  run: async (bench) => [...(await upload(bench)), ...(await lists(bench))],
}

async function upload(bench: Bench): Promise<Row[]> {
  const sizeMb = bench.quick ? 100 : 500
  const path = join(bench.scratch, 'film.mp4')
  makeFilm(path, sizeMb * MB)
  const [dataDir, incoming] = [join(bench.scratch, 'data'), join(bench.scratch, 'incoming')]
  mkdirSync(incoming)
  const key = await makeTenant({ dataDir }, 'bench')
  await using marquee = await startMarquee({ dataDir })
  await using bare = await startBaseline('form', [incoming])
  await new Promise((resolve) => setTimeout(resolve, idleMs))
  const idle = { marquee: rssMb(marquee.pid), bare: rssMb(bare.pid) }
  const post = async ({ url, pid }: Program, input: Pick<FormInput, 'key' | 'stamp'>): Promise<Sample> => {
    // What earlier rounds left in the page cache is not written during this one.
    execFileSync('sync')
    const { ms, cpuMs, peakRssMb } = await runLoad<FormInput, Watched>('form', { url, pid, path, ...input })
    return { mbPerSecond: (sizeMb * 1000) / ms, cpuPerMb: cpuMs / sizeMb, peakRssMb }
  }
  const series = await interleave(bench, {
    marquee: (round) => post({ ...marquee, url: `${marquee.url}/api/upload` }, { key, stamp: `round ${round}` }),
    bare: (round) => post(bare, { stamp: `round ${round}` }),
  })
  return uploadRows(series, idle)
}

type Pair = Record<'marquee' | 'bare', Sample[]>

function uploadRows({ marquee, bare }: Pair, idle: { marquee: number; bare: number }): Row[] {
  const compare = (measure: string) => ({
    subject: summarize(pick(marquee, measure)),
    ratio: ratioOf(pick(marquee, measure), pick(bare, measure)),
    beside: { name: 'busboy to file', value: summarize(pick(bare, measure)) },
  })
  const rate = compare('mbPerSecond')
  const growth = pick(marquee, 'peakRssMb').map((peak) => peak - idle.marquee)
  const bareGrowth = pick(bare, 'peakRssMb').map((peak) => peak - idle.bare)
  return [
    { what: 'upload, throughput', unit: 'MB/s', ...rate, must: { text: '≥ 0.8 ×', met: rate.ratio.value >= 0.8 } },
    { what: 'upload, CPU of the server', unit: 'ms/MB', ...compare('cpuPerMb') },
    {
      what: 'upload, growth of memory (RSS)',
      unit: 'MB',
      subject: summarize(growth),
      beside: { name: 'busboy to file', value: summarize(bareGrowth) },
      must: { text: '≤ 64 MB', met: Math.max(...growth) <= 64 },
    },
  ]
}

async function lists(bench: Bench): Promise<Row[]> {
  const { place, shelves } = await sqliteLibrary(bench)
  const shelf = shelves.at(-1)
  if (!shelf) return []
  await using marquee = await startMarquee(place)
  const headers = { authorization: `Bearer ${shelf.key}` }
  const targets = (url: (cursor: string | null) => string) =>
    shelf.pages.map(({ cursor }) => ({ url: url(cursor), headers }))
  const { url } = marquee
  const overRest = targets(
    (cursor) => `${url}/api/ads/list?limit=${limit}${cursor === null ? '' : `&cursor=${cursor}`}`,
  )
  const overTrpc = targets((cursor) => queryUrl(url, 'ads.list', { limit, cursor }))
  const count = bench.quick ? 500 : 3_000
  const series = await interleave(bench, {
    rest: () => ask(marquee, overRest, count),
    trpc: () => ask(marquee, overTrpc, count),
  })
  const row = (what: string, unit: string, measure: string) => ({
    what,
    unit,
    subject: summarize(pick(series.rest, measure)),
    beside: { name: 'tRPC', value: summarize(pick(series.trpc, measure)) },
    ratio: ratioOf(pick(series.rest, measure), pick(series.trpc, measure)),
  })
  const cpu = row('list, CPU of the server', 'µs CPU per request', 'cpuUs')
  return [
    { ...cpu, must: { text: '≤ 1.15 ×', met: cpu.ratio.value <= 1.15 } },
    row('list, throughput', 'requests/s', 'perSecond'),
  ]
}

async function ask({ pid }: Program, targets: Target[], count: number): Promise<Sample> {
  const { ms, cpuMs } = await runLoad<RequestsInput, RequestsAnswer>('requests', {
    pid,
    targets,
    connections,
    count,
    status: 200,
  })
  return { perSecond: (count * 1000) / ms, cpuUs: (cpuMs * 1000) / count }
}
