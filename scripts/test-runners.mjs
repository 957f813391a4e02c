import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { at } from './paths.mjs'
import { runForeground } from './processes.mjs'
import { nodeBinary } from './toolchain.mjs'

/** Runs Vitest once and counts what its report says. */
export async function runVitest(name, args, env = {}) {
  const report = reportFile(name)
  const code = await runForeground(
    nodeBinary(),
    [
      at('node_modules/vitest/vitest.mjs'),
      'run',
      '--reporter=dot',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...args,
    ],
    { env },
  )
  return counted(code, report, ({ numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults }) => ({
    passed: numPassedTests,
    // A file that does not load has no tests that could fail.
    failed:
      numFailedTests +
      testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length,
    skipped: numPendingTests + numTodoTests,
  }))
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
  return counted(code, report, ({ stats }) => ({
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky,
    skipped: stats.skipped,
  }))
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
