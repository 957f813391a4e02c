import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { fanOut } from './fan-out.ts'
import type { Figure } from './figure.ts'
import { idle } from './idle.ts'
import { list } from './list.ts'
import { describeMachine } from './machine.ts'
import { media } from './media.ts'
import { report } from './report.ts'
import { search } from './search.ts'
import { benchmarksPage, type Result } from './table.ts'
import { upload } from './upload.ts'

const figures: readonly Figure[] = [upload, media, list, search, fanOut, report, idle]
const results = join(import.meta.dirname, 'results')
const page = join(import.meta.dirname, '../../docs/benchmarks.md')

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true, default: [] }, quick: { type: 'boolean', default: false } },
})
const unknown = values.only.filter((name) => !figures.some((figure) => figure.name === name))
if (unknown.length > 0) {
  console.error(`No figure "${unknown[0]}". There are: ${figures.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}

mkdirSync(results, { recursive: true })
for (const figure of figures)
  if (values.only.length === 0 || values.only.includes(figure.name)) await measure(figure, values.quick)
// A quick run says nothing worth keeping.
if (!values.quick) writeFileSync(page, benchmarksPage(readResults()))

/** Never fails for a missed figure: it says so. */
async function measure(figure: Figure, quick: boolean): Promise<void> {
  console.log(`\n${figure.title}`)
  const [rounds, machine] = [quick ? 2 : 5, describeMachine()]
  const scratch = mkdtempSync(join(tmpdir(), `marquee-bench-${figure.name}-`))
  try {
    const rows = await figure.run({ quick, rounds, scratch, say: (text) => console.log(`  ${text}`) })
    const { name, title, method } = figure
    const result: Result = { name, title, method, rounds, machine, rows }
    writeFileSync(join(results, `${quick ? 'quick-' : ''}${name}.json`), `${JSON.stringify(result, null, 2)}\n`)
    for (const { what, must } of rows)
      if (must) console.log(`${must.met ? 'reached' : 'MISSED '}  ${what}: ${must.text}`)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Of every figure the last full measurement, in the order of the figures. */
function readResults(): Result[] {
  const there = new Set(readdirSync(results))
  return figures
    .map(({ name }) => `${name}.json`)
    .filter((file) => there.has(file))
    .map((file) => JSON.parse(readFileSync(join(results, file), 'utf8')) as Result)
}
