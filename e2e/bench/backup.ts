import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import Database from 'better-sqlite3'
import { type Bench, type Figure, interleave, pick, type Row, type Sample } from './figure.ts'
import { makeLibrary, queryUrl, type Shelf } from './library.ts'
import { askPaced } from './paced.ts'
import { runMarquee, startMarquee } from './programs.ts'
import { latencyOf, ratioOf, summarize } from './statistics.ts'
import type { Place } from './tenant.ts'

const run = promisify(execFile)
const MB = 1_000_000
const smallBytes = 7_000
const largeBytes = 64 * MB

export const backup: Figure = {
  name: 'backup',
  title: 'Backup of 100,000 ads with 2 GB of media',
  method:
    'Twenty files of 64 MB and 99,980 of 7 kB. `marquee backup` as a whole program, into one file that it syncs, beside `cp -r` of the same data folder with `sync -f` after it; the server runs. Then `ads.list` in an open loop, 50 of 100,000: first with nothing else, then while one backup follows another.',
  async run(bench) {
    const count = bench.quick ? 2_000 : 100_000
    const place = { dataDir: join(bench.scratch, 'data') }
    const [shelf] = await makeLibrary(bench, place, [count])
    if (!shelf) return []
    const bytes = makeMedia(place.dataDir, bench.quick ? 3 : 20)
    await using marquee = await startMarquee(place)
    const series = await interleave(bench, {
      backup: () => timed(bytes, () => backUp(bench, place)),
      cp: () => timed(bytes, () => copy(bench, place)),
    })
    return [rateRow(series), ...(await whileBackingUp(bench, place, { url: marquee.url, shelf }))]
  },
}

/** Gives each asset a file, a few of them large; gives the bytes of all. */
function makeMedia(dataDir: string, large: number): number {
  const db = new Database(join(dataDir, 'marquee.db'))
  const keys = db.prepare('SELECT key FROM assets ORDER BY id').pluck().all() as string[]
  db.prepare('UPDATE assets SET size = ?, poster_key = NULL').run(smallBytes)
  const [some, small] = [new Uint8Array(largeBytes).fill(7), new Uint8Array(smallBytes).fill(9)]
  for (const [at, key] of keys.entries()) {
    const path = join(dataDir, 'media/objects', key)
    if (at === 0) mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, at < large ? some : small)
    if (at < large) db.prepare('UPDATE assets SET size = ? WHERE key = ?').run(largeBytes, key)
  }
  db.close()
  return large * largeBytes + (keys.length - large) * smallBytes
}

async function timed(bytes: number, work: () => Promise<void>): Promise<Sample> {
  const started = performance.now()
  await work()
  const seconds = (performance.now() - started) / 1_000
  return { seconds, rate: bytes / MB / seconds }
}

async function backUp({ scratch }: Bench, place: Place): Promise<void> {
  const file = join(scratch, 'backup.tar')
  rmSync(file, { force: true })
  await runMarquee(place, ['backup', file])
  if (statSync(file).size < MB) throw new Error('The backup is too small to be one')
}

async function copy({ scratch }: Bench, { dataDir }: Place): Promise<void> {
  const folder = join(scratch, 'copy')
  rmSync(folder, { recursive: true, force: true })
  await run('cp', ['-r', dataDir, folder])
  await run('sync', ['-f', folder])
}

function rateRow({ backup: ours, cp }: Record<'backup' | 'cp', Sample[]>): Row {
  const ratio = ratioOf(pick(ours, 'rate'), pick(cp, 'rate'))
  return {
    what: 'everything into one file',
    unit: 'MB/s',
    subject: summarize(pick(ours, 'rate')),
    beside: { name: 'cp -r, sync', value: summarize(pick(cp, 'rate')) },
    ratio,
    must: { text: '≥ 0.6 ×', met: ratio.value >= 0.6 },
  }
}

async function whileBackingUp(
  bench: Bench,
  place: Place,
  { url, shelf }: { url: string; shelf: Shelf },
): Promise<Row[]> {
  const headers = { authorization: `Bearer ${shelf.key}` }
  const targets = shelf.pages.map(({ cursor }) => ({
    name: 'ads.list',
    url: queryUrl(url, 'ads.list', { limit: 50, cursor }),
    headers,
  }))
  const asked = { bench, targets, perSecond: 60, perRound: bench.quick ? 100 : 500 }
  const idle = latencyOf((await askPaced(asked)).get('ads.list') ?? [])
  let done = false
  const backups = (async () => {
    while (!done) await backUp(bench, place)
  })()
  const busy = latencyOf((await askPaced(asked)).get('ads.list') ?? [])
  done = true
  await backups
  const met = busy.p99 <= 2 * idle.p99
  return [
    { what: 'ads.list, nothing else', unit: 'ms', subject: idle },
    {
      what: 'ads.list during backups',
      unit: 'ms',
      subject: busy,
      must: { text: 'p99 ≤ 2 × that of nothing else', met },
    },
  ]
}
