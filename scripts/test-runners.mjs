import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { at } from './paths.mjs'
import { runForeground, runQuiet } from './processes.mjs'
import { nodeBinary } from './toolchain.mjs'

/** The projects of Vitest that need nothing but Node. */
const units = ['shared', 'server', 'player', 'panel']
const vitest = at('node_modules/vitest/vitest.mjs')
const projects = (names) => names.flatMap((name) => ['--project', name])

/**
 * What is quick and breaks first, for `npm run check`: everything pure, and the rules that every feature could break. The
 * features themselves, on real databases, are in `npm test`.
 */
const quick = [
  ...['shared/src', 'player/src', 'panel/src', 'server/src/lib', 'server/src/runtime/assets'],
  ...['server/src/db/db', 'server/src/db/search-text', 'server/src/storage/memory', 'server/test/tenancy'],
]

/** The unit tests on SQLite as one quiet step: what they say matters only if one fails. */
export async function runUnits() {
  const report = reportFile('units')
  const args = [
    vitest,
    'run',
    ...projects(units),
    ...quick,
    '--reporter=dot',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]
  const { code, output } = await runQuiet(nodeBinary(), args)
  const total = counted(code, report, countVitest)
  if (total.failed > 0) console.log(output.trimEnd())
  console.log(`${total.failed > 0 ? 'FAIL' : 'ok  '}  unit tests: ${total.passed} passed, ${total.failed} failed`)
  return total
}

/** Runs projects of Vitest once and counts what the report says. */
export async function runVitest(name, names = units, env = {}) {
  const report = reportFile(name)
  const args = [
    vitest,
    'run',
    ...projects(names),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]
  return counted(await runForeground(nodeBinary(), args, { env }), report, countVitest)
}

function countVitest({ numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults }) {
  // A file that does not load has no tests that could fail.
  const broken = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length
  return { passed: numPassedTests, failed: numFailedTests + broken, skipped: numPendingTests + numTodoTests }
}

/** Runs Playwright once and counts what its report says. */
export async function runPlaywright(args) {
  const report = reportFile('e2e')
  const code = await runForeground(
    nodeBinary(),
    [at('e2e/node_modules/@playwright/test/cli.js'), 'test', '--reporter=list,json', ...args],
    {
      cwd: at('e2e'),
      env: { PLAYWRIGHT_JSON_OUTPUT_FILE: report },
    },
  )
  return counted(code, report, ({ stats }) => {
    if (stats.flaky > 0) console.log(`${stats.flaky} passed at the second try only; see e2e/test-results`)
    return { passed: stats.expected + stats.flaky, failed: stats.unexpected, skipped: stats.skipped }
  })
}

function reportFile(name) {
  mkdirSync(at('.cache/reports'), { recursive: true })
  const file = at('.cache/reports', `${name}.json`)
  rmSync(file, { force: true })
  return file
}

/** A runner that ends badly without naming a failed test crashed, which counts as one. */
function counted(code, report, count) {
  let total = { passed: 0, failed: 0, skipped: 0 }
  try {
    total = count(JSON.parse(readFileSync(report, 'utf8')))
  } catch (error) {
    console.error(`No report of the tests: ${error.message}`)
    return { ...total, failed: 1 }
  }
  return code !== 0 && total.failed === 0 ? { ...total, failed: 1 } : total
}
