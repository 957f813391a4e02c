import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { startPostgres } from '../../server/test/postgres.ts'
import type { Bench, Figure, Row } from './figure.ts'
import { librarySizes, makeLibrary, queryUrl, type Shelf, sqliteLibrary } from './library.ts'
import { askPaced } from './paced.ts'
import { startMarquee } from './programs.ts'
import { latencyOf } from './statistics.ts'
import type { Place } from './tenant.ts'

const mostMs = 50
const perSecond = 40
/** Of the words of `seed.ts`; the share of ads that have each is beside it there. */
const searches: Record<string, string> = {
  'rare word': 'lighthouse',
  'less rare word': 'umbrella',
  'common word': 'summer',
  'word of every ad': 'screen',
  'two Chinese characters, rare': '灯塔',
  'two Chinese characters, common': '夏季',
  'prefix, rare': 'lightho',
  'prefix, common': 'sum',
  'one letter': 's',
  'two words': 'noodles discount',
  'part of a file name': '099999',
  'nothing found': 'zeppelin',
}

export const search: Figure = {
  name: 'search',
  title: 'Search among 100,000 ads',
  method: `First page of 50 by \`ads.list\` over HTTP, in an open loop of ${perSecond} a second, every kind of search in turn; the answer is the whole page with signed URLs. Postgres is a private server on the same machine.`,
  async run(bench) {
    const { place, shelves } = await sqliteLibrary(bench)
    const rows = await onDatabase(bench, { name: 'SQLite', place, shelf: shelves.at(-1) })
    if (!hasPostgres()) {
      bench.say('Postgres is not installed: its half of this figure is left out')
      return rows
    }
    const postgres = await startPostgres()
    try {
      const place = { dataDir: join(bench.scratch, 'postgres'), databaseUrl: postgres.url }
      const [shelf] = await makeLibrary(bench, place, librarySizes(bench).slice(-1))
      return [...rows, ...(await onDatabase(bench, { name: 'Postgres', place, shelf }))]
    } finally {
      await postgres.stop()
    }
  },
}

type Shelved = { readonly name: string; readonly place: Place; readonly shelf: Shelf | undefined }

async function onDatabase(bench: Bench, { name, place, shelf }: Shelved): Promise<Row[]> {
  if (!shelf) return []
  await using marquee = await startMarquee(place)
  const headers = { authorization: `Bearer ${shelf.key}` }
  const targets = Object.entries(searches).map(([what, search]) => ({
    name: what,
    url: queryUrl(marquee.url, 'ads.list', { search, limit: 50 }),
    headers,
  }))
  const perRound = targets.length * (bench.quick ? 20 : 200)
  const times = await askPaced({ bench, targets, perSecond, perRound })
  return targets.map((target) => {
    const latency = latencyOf(times.get(target.name) ?? [])
    return {
      what: `${name}: ${target.name}`,
      unit: 'ms',
      subject: latency,
      must: { text: `p99 ≤ ${mostMs} ms`, met: latency.p99 <= mostMs },
    }
  })
}

function hasPostgres(): boolean {
  return existsSync('/usr/lib/postgresql')
}
