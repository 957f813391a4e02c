import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { type Figure, interleave, pick, type Row, type Sample } from './figure.ts'
import { makeFilm } from './film.ts'
import { connect } from './load/client.ts'
import type { RequestsAnswer, RequestsInput, Target } from './load/requests.ts'
import { type Program, runLoad, startBaseline, startMarquee, startNginx } from './programs.ts'
import { ratioOf, summarize } from './statistics.ts'
import { makeTenant } from './tenant.ts'
import { uploadAd } from './upload-ad.ts'

const MB = 1024 * 1024
const connections = 8
const filmMb = 64

/** How a server is asked for the same bytes. */
type Way = { readonly program: Program; readonly film: string; readonly picture: string; readonly etag: string }
type Kind = { readonly what: string; readonly count: number; readonly status: number; targets(way: Way): Target[] }

const kinds: Record<string, Kind> = {
  range: {
    what: 'Range of 1 MB',
    count: 1_500,
    status: 206,
    targets: ({ film }) =>
      Array.from({ length: filmMb - 1 }, (_, at) => ({
        url: film,
        headers: { range: `bytes=${at * MB + 7}-${(at + 1) * MB + 6}` },
      })),
  },
  picture: {
    what: 'file of 64 kB',
    count: 8_000,
    status: 200,
    targets: ({ picture }) => Array(connections).fill({ url: picture }),
  },
  unchanged: {
    what: '304',
    count: 20_000,
    status: 304,
    targets: ({ picture, etag }) => Array(connections).fill({ url: picture, headers: { 'if-none-match': etag } }),
  },
}

export const media: Figure = {
  name: 'media',
  title: 'Media delivery',
  method:
    'Eight keep-alive connections in a closed loop; CPU of the server process per request. The film has 64 MB and its ranges are taken in turn; everything is in the page cache. Beside it a bare `node:http` server with `stat` and `createReadStream`. Marquee also checks the signature of each URL. nginx, one process with sendfile, is told for comparison.',
  async run(bench) {
    const files = await makeFiles(join(bench.scratch, 'files'))
    const dataDir = join(bench.scratch, 'data')
    const key = await makeTenant({ dataDir }, 'bench')
    await using marquee = await startMarquee({ dataDir })
    await using bare = await startBaseline('media', [files.folder])
    await using nginx = await startNginx({ folder: files.folder, scratch: join(bench.scratch, 'nginx') })
    const { uploads } = connect(marquee.url, { authorization: `Bearer ${key}` })
    const film = (await uploadAd(uploads, files.film)).asset
    const picture = (await uploadAd(uploads, files.picture)).asset
    await ensureSame(film.url, files.film)
    const ways: Record<string, Way> = {
      marquee: await way(marquee, { film: film.url, picture: picture.url }),
      bare: await plainWay(bare),
      ...(nginx && { nginx: await plainWay(nginx) }),
    }
    const rows: Row[] = []
    for (const kind of Object.values(kinds)) {
      const subjects = Object.entries(ways).map(([name, way]) => [name, () => measure(way, kind, bench.quick)] as const)
      rows.push(...toRows(kind, await interleave(bench, Object.fromEntries(subjects))))
    }
    return rows
  },
}

async function makeFiles(folder: string) {
  mkdirSync(folder, { recursive: true })
  const [film, picture] = [join(folder, 'film.mp4'), join(folder, 'picture.jpg')]
  makeFilm(film, filmMb * MB)
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 30 }
  // About 64 kB, which noise reaches at this size.
  const jpeg = sharp({ create: { width: 300, height: 300, channels: 3, background: 'black', noise } }).jpeg({
    quality: 85,
  })
  writeFileSync(picture, await jpeg.toBuffer())
  return { folder, film, picture }
}

async function ensureSame(url: string, path: string): Promise<void> {
  const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
  const served = new Uint8Array(await (await fetch(url)).arrayBuffer())
  if (hash(served) !== hash(readFileSync(path))) throw new Error('The server gave other bytes than were uploaded')
}

async function way(program: Program, urls: { film: string; picture: string }): Promise<Way> {
  const { headers } = await fetch(urls.picture, { method: 'HEAD' })
  return { program, ...urls, etag: headers.get('etag') ?? '' }
}

function plainWay(program: Program): Promise<Way> {
  return way(program, { film: `${program.url}/film.mp4`, picture: `${program.url}/picture.jpg` })
}

async function measure(way: Way, { targets, count, status }: Kind, quick: boolean): Promise<Sample> {
  const asked = quick ? Math.ceil(count / 5) : count
  const input = { pid: way.program.pid, targets: targets(way), connections, count: asked, status }
  const { ms, cpuMs } = await runLoad<RequestsInput, RequestsAnswer>('requests', input)
  return { cpuUs: (cpuMs * 1000) / asked, perSecond: (asked * 1000) / ms }
}

function toRows({ what }: Kind, series: Record<string, Sample[]>): Row[] {
  const { marquee = [], bare = [], nginx = [] } = series
  const row = (unit: string, measure: string, other: Sample[], name: string): Row => ({
    what,
    unit,
    subject: summarize(pick(marquee, measure)),
    beside: { name, value: summarize(pick(other, measure)) },
    ratio: ratioOf(pick(marquee, measure), pick(other, measure)),
  })
  const cpu = row('µs CPU per request', 'cpuUs', bare, 'createReadStream')
  return [
    { ...cpu, must: { text: '≤ 0.7 ×', met: (cpu.ratio?.value ?? Number.NaN) <= 0.7 } },
    row('requests/s', 'perSecond', bare, 'createReadStream'),
    ...(nginx.length > 0 ? [row('µs CPU per request', 'cpuUs', nginx, 'nginx')] : []),
  ]
}
