import type { Bench, Figure } from './figure.ts'
import { queryUrl, type Shelf, sqliteLibrary } from './library.ts'
import type { HammerAnswer, HammerInput } from './load/hammer.ts'
import type { PacedAnswer, PacedInput } from './load/paced.ts'
import { type Program, runLoad, startMarquee } from './programs.ts'
import { latencyOf } from './statistics.ts'

const mostTimes = 2
const connections = 50
const perSecond = 50
/** Around the other tenant's questions. */
const leadMs = 1_500

export const fairness: Figure = {
  name: 'fairness',
  title: "One tenant's load beside another's list",
  method: `A tenant of 100,000 ads sends lists of 200, searches and uploads from ${connections} connections, as fast as the default rate limits let its key, and waits when it is told to. Meanwhile another tenant of 1,000 ads asks for pages of 50, ${perSecond} a second, in an open loop; before that, it asks alone. Idle and loaded rounds take turns on one server.`,
  async run(bench) {
    const { place, shelves } = await sqliteLibrary(bench)
    const [modest, greedy] = [shelves[0], shelves.at(-1)]
    if (!modest || !greedy) return []
    await using marquee = await startMarquee({ ...place, limited: true })
    const times = await measure(bench, marquee, { modest, greedy })
    const [idle, loaded] = [latencyOf(times.idle), latencyOf(times.loaded)]
    const value = loaded.p99 / idle.p99
    return [
      {
        what: 'ads.list of the other tenant',
        unit: 'ms',
        subject: loaded,
        beside: { name: 'the same while it is alone', value: idle },
        must: { text: `p99 ≤ ${mostTimes} × idle (${value.toFixed(2)} ×)`, met: value <= mostTimes },
      },
    ]
  },
}

type Tenants = { readonly modest: Shelf; readonly greedy: Shelf }

async function measure(bench: Bench, marquee: Program, { modest, greedy }: Tenants) {
  const count = bench.quick ? 150 : 500
  const paced: PacedInput = {
    targets: modest.pages.map(({ cursor }) => ({
      name: 'list',
      url: queryUrl(marquee.url, 'ads.list', { limit: 50, cursor }),
      headers: { authorization: `Bearer ${modest.key}` },
    })),
    perSecond,
    count,
  }
  const hammer: HammerInput = {
    url: marquee.url,
    key: greedy.key,
    gets: [
      ...greedy.pages.map(({ cursor }) => queryUrl(marquee.url, 'ads.list', { limit: 200, cursor })),
      ...['sale', 'summer', 'new'].map((search) => queryUrl(marquee.url, 'ads.list', { limit: 50, search })),
    ],
    connections,
    forMs: leadMs * 2 + (count * 1000) / perSecond,
  }
  const ask = async () => (await runLoad<PacedInput, PacedAnswer>('paced', paced)).list ?? []
  const times = { idle: [] as number[], loaded: [] as number[] }
  for (let round = 0; round <= bench.rounds; round++) {
    const idle = await ask()
    const hammering = runLoad<HammerInput, HammerAnswer>('hammer', hammer)
    await new Promise((resolve) => setTimeout(resolve, leadMs))
    const loaded = await ask()
    const { answered, refused } = await hammering
    bench.say(
      `round ${round}: alone p99 ${latencyOf(idle).p99.toFixed(2)}, loaded p99 ${latencyOf(loaded).p99.toFixed(2)} ms; ${answered} answered, ${refused} refused`,
    )
    // The first one only warms up.
    if (round > 0) times.idle.push(...idle)
    if (round > 0) times.loaded.push(...loaded)
  }
  return times
}
