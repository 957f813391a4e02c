import { join } from 'node:path'
import process from 'node:process'
import { type Bench, type Figure, interleave, pick, type Row, type Sample } from './figure.ts'
import type { McpAnswer, McpHttpInput } from './load/mcp-http.ts'
import type { McpStdioInput } from './load/mcp-stdio.ts'
import { bundle, type Program, runLoad, serverEnv, startBaseline, startMarquee } from './programs.ts'
import { seedAds } from './seed.ts'
import { ratioOf, summarize } from './statistics.ts'
import { makeTenant, withDb } from './tenant.ts'

const ads = 20
const atOnce = 8
const playlist = { tool: 'get_advertisement_playlist', arguments: {} }
const echo = { tool: 'echo', arguments: { text: 'Hello' } }
/** About as many bytes as the playlist has. */
const longEcho = { tool: 'echo', arguments: { text: 'Hello '.repeat(6_000) } }

export const mcp: Figure = {
  name: 'mcp',
  title: `MCP: a tool call, the playlist of ${ads} ads`,
  method:
    "`get_advertisement_playlist` with a key, in the protocol of 2026, eight calls at once in a closed loop, over HTTP and over standard input and output. Beside it the SDK's own server (`McpServer`) with one tool that says back a word, on the same transport: it knows no key, no database and no activity, and answers a two-hundredth of the bytes; for information, the same tool with a text as long as the playlist. The load writes messages by hand, so that it measures the servers and not a client that validates answers.",
  async run(bench) {
    const dataDir = join(bench.scratch, 'data')
    const key = await makeTenant({ dataDir }, 'bench')
    await withDb({ dataDir }, (db) => seedAds(db, { tenantId: 'bench', count: ads }))
    return [...(await overHttp(bench, { dataDir, key })), ...(await overStdio(bench, { dataDir, key }))]
  },
}

type Place = { readonly dataDir: string; readonly key: string }

async function overHttp(bench: Bench, { dataDir, key }: Place): Promise<Row[]> {
  await using marquee = await startMarquee({ dataDir })
  await using bare = await startBaseline('mcp', [])
  const count = bench.quick ? 500 : 3_000
  const call = async ({ url, pid }: Program, what: Pick<McpHttpInput, 'tool' | 'arguments' | 'key'>) =>
    toSample(
      await runLoad<McpHttpInput, McpAnswer>('mcp-http', { ...what, url, pid, connections: atOnce, count }),
      count,
    )
  const series = await interleave(bench, {
    marquee: () => call(marquee, { ...playlist, key }),
    bare: () => call(bare, echo),
    long: () => call(bare, longEcho),
  })
  return rows('HTTP', series)
}

async function overStdio(bench: Bench, { dataDir, key }: Place): Promise<Row[]> {
  const count = bench.quick ? 500 : 3_000
  const call = async (what: Pick<McpStdioInput, 'tool' | 'arguments' | 'args' | 'env'>) =>
    toSample(await runLoad<McpStdioInput, McpAnswer>('mcp-stdio', { ...what, atOnce, count }), count)
  const baseline = join(import.meta.dirname, 'baselines/mcp.ts')
  const series = await interleave(bench, {
    marquee: () => call({ ...playlist, args: [bundle, 'mcp'], env: { ...serverEnv({ dataDir }), MARQUEE_KEY: key } }),
    bare: () => call({ ...echo, args: [baseline, '--stdio'], env: process.env }),
    long: () => call({ ...longEcho, args: [baseline, '--stdio'], env: process.env }),
  })
  return rows('standard input and output', series)
}

function toSample({ ms, cpuMs, bytes }: McpAnswer, count: number): Sample {
  return { perSecond: (count * 1000) / ms, cpuUs: (cpuMs * 1000) / count, kb: bytes / count / 1000 }
}

type All = Record<'marquee' | 'bare' | 'long', Sample[]>

function rows(transport: string, { marquee, bare, long }: All): Row[] {
  const row = (unit: string, measure: string, [name, other]: [string, Sample[]] = ["the SDK's echo", bare]): Row => ({
    what: `one call over ${transport}`,
    unit,
    subject: summarize(pick(marquee, measure)),
    beside: { name, value: summarize(pick(other, measure)) },
    ratio: ratioOf(pick(marquee, measure), pick(other, measure)),
  })
  const rate = row('calls/s', 'perSecond')
  return [
    { ...rate, must: { text: '≥ 0.8 ×', met: (rate.ratio?.value ?? 0) >= 0.8 } },
    row('calls/s', 'perSecond', ["the SDK's echo of as many bytes", long]),
    row('µs CPU per call', 'cpuUs'),
    row('kB per answer', 'kb'),
  ]
}
