import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Figure, interleave, pick, type Row, type Sample } from './figure.ts'
import { makeFilm } from './film.ts'
import type { PutInput } from './load/put.ts'
import type { UploadInput } from './load/upload.ts'
import { rssMb, type Watched } from './processes.ts'
import { type Program, runLoad, startBaseline, startMarquee } from './programs.ts'
import { ratioOf, summarize } from './statistics.ts'
import { makeTenant } from './tenant.ts'

const MB = 1024 * 1024
const idleMs = 3_000

export const upload: Figure = {
  name: 'upload',
  title: 'Upload of 500 MB in parts, local storage',
  method:
    "Marquee's own uploader in a process of its own, three parts at once, from `uploads.create` until `uploads.complete` answered: every part synced to the disk, the whole hashed, its content judged. Beside it a bare `node:http` server that pipes one `PUT` into `createWriteStream`, without and with a sync at the end. The disk is synced before each round. Memory is the highest of all rounds less the value before the first.",
  async run(bench) {
    const path = join(bench.scratch, 'film.mp4')
    const sizeMb = bench.quick ? 100 : 500
    makeFilm(path, sizeMb * MB)
    const dataDir = join(bench.scratch, 'data')
    const incoming = join(bench.scratch, 'incoming')
    mkdirSync(incoming)
    const key = await makeTenant({ dataDir }, 'bench')
    await using marquee = await startMarquee({ dataDir })
    await using bare = await startBaseline('upload', [incoming])
    await using synced = await startBaseline('upload', [incoming, '--sync'])
    await new Promise((resolve) => setTimeout(resolve, idleMs))
    const idle = { marquee: rssMb(marquee.pid), bare: rssMb(bare.pid) }
    const put = async ({ url, pid }: Program): Promise<Sample> => {
      sync()
      const used = await runLoad<PutInput, Watched>('put', { url: `${url}/film.mp4`, pid, path })
      rmSync(join(incoming, 'film.mp4'))
      return toSample(used, sizeMb)
    }
    const series = await interleave(bench, {
      marquee: async (round) => {
        sync()
        const { url, pid } = marquee
        return toSample(
          await runLoad<UploadInput, Watched>('upload', { url, pid, key, path, stamp: `round ${round}` }),
          sizeMb,
        )
      },
      bare: () => put(bare),
      synced: () => put(synced),
    })
    return rows(series, idle)
  },
}

/** What earlier rounds left in the page cache is not written during this one. */
function sync(): void {
  execFileSync('sync')
}

function toSample({ ms, cpuMs, peakRssMb }: Watched, sizeMb: number): Sample {
  return { mbPerSecond: (sizeMb * 1000) / ms, cpuPerMb: cpuMs / sizeMb, peakRssMb }
}

type All = Record<'marquee' | 'bare' | 'synced', Sample[]>

function rows({ marquee, bare, synced }: All, idle: { marquee: number; bare: number }): Row[] {
  const compare = (measure: string, other: Sample[]) => ({
    subject: summarize(pick(marquee, measure)),
    ratio: ratioOf(pick(marquee, measure), pick(other, measure)),
    beside: {
      name: other === bare ? 'stream to file' : 'stream to file, synced',
      value: summarize(pick(other, measure)),
    },
  })
  const rate = compare('mbPerSecond', bare)
  const cpu = compare('cpuPerMb', bare)
  const growth = pick(marquee, 'peakRssMb').map((peak) => peak - idle.marquee)
  const bareGrowth = pick(bare, 'peakRssMb').map((peak) => peak - idle.bare)
  return [
    { what: 'throughput', unit: 'MB/s', ...rate, must: { text: '≥ 0.8 ×', met: rate.ratio.value >= 0.8 } },
    { what: 'CPU of the server', unit: 'ms/MB', ...cpu, must: { text: '≤ 1.3 ×', met: cpu.ratio.value <= 1.3 } },
    {
      what: 'growth of memory (RSS)',
      unit: 'MB',
      subject: summarize(growth),
      beside: { name: 'stream to file', value: summarize(bareGrowth) },
      must: { text: '≤ 64 MB', met: Math.max(...growth) <= 64 },
    },
    { what: 'throughput, beside one that syncs too', unit: 'MB/s', ...compare('mbPerSecond', synced) },
    { what: 'CPU, beside one that syncs too', unit: 'ms/MB', ...compare('cpuPerMb', synced) },
  ]
}
