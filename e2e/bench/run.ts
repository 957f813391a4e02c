import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import type { Figure } from './figure.ts'
import { describeMachine } from './machine.ts'
import { benchmarksPage, type Result } from './table.ts'

/** In the order of the page; each is loaded when it is its turn. */
const figures: Record<string, () => Promise<Figure>> = {
  upload: async () => (await import('./upload.ts')).upload,
  rest: async () => (await import('./rest.ts')).rest,
  media: async () => (await import('./media.ts')).media,
  list: async () => (await import('./list.ts')).list,
  search: async () => (await import('./search.ts')).search,
  'fan-out': async () => (await import('./fan-out.ts')).fanOut,
  report: async () => (await import('./report.ts')).report,
  pairing: async () => (await import('./pairing.ts')).pairing,
  newcomer: async () => (await import('./newcomer.ts')).newcomer,
  fairness: async () => (await import('./fairness.ts')).fairness,
  mcp: async () => (await import('./mcp.ts')).mcp,
  idle: async () => (await import('./idle.ts')).idle,
  backup: async () => (await import('./backup.ts')).backup,
}
const results = join(import.meta.dirname, 'results')
const leastRounds = 5
const page = join(import.meta.dirname, '../../docs/benchmarks.md')

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    profile: { type: 'string' },
  },
})
const unknown = values.only.filter((name) => !Object.hasOwn(figures, name))
if (unknown.length > 0) {
  console.error(`No figure "${unknown[0]}". There are: ${Object.keys(figures).join(', ')}`)
  process.exit(2)
}

const rounds = Number(values.rounds ?? (values.quick ? 2 : leastRounds))
/** What is small, short or slowed says nothing worth keeping. */
const isKept = !values.quick && !values.profile && rounds >= leastRounds
if (values.profile) process.env.BENCH_PROFILE = values.profile
mkdirSync(results, { recursive: true })
for (const [name, load] of Object.entries(figures))
  if (values.only.length === 0 || values.only.includes(name)) await measure(await load(), values.quick)
if (isKept) writeFileSync(page, benchmarksPage(readResults()))

/** Never fails for a missed figure: it says so. */
async function measure(figure: Figure, quick: boolean): Promise<void> {
  console.log(`\n${figure.title}`)
  const machine = await describeMachine()
  const scratch = mkdtempSync(join(tmpdir(), `marquee-bench-${figure.name}-`))
  try {
    const rows = await figure.run({ quick, rounds, scratch, say: (text) => console.log(`  ${text}`) })
    const { name, title, method } = figure
    const result: Result = { name, title, method, rounds, machine, rows }
    writeFileSync(join(results, `${isKept ? '' : 'tried-'}${name}.json`), `${JSON.stringify(result, null, 2)}\n`)
    for (const { what, must } of rows)
      if (must) console.log(`${must.met ? 'reached' : 'MISSED '}  ${what}: ${must.text}`)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Of every figure the last full measurement, in the order of the figures. */
function readResults(): Result[] {
  const there = new Set(readdirSync(results))
  return Object.keys(figures)
    .map((name) => `${name}.json`)
    .filter((file) => there.has(file))
    .map((file) => JSON.parse(readFileSync(join(results, file), 'utf8')) as Result)
}
