import { runQuiet, secondsSince } from './processes.mjs'

/**
 * Runs steps `{ title, run }`, some at once, and prints a line for each as it ends; the output of one that failed follows
 * its line. Gives how many passed and failed.
 */
export async function runSteps(steps, atOnce = 2) {
  const waiting = [...steps]
  const total = { passed: 0, failed: 0, skipped: 0 }
  const work = async () => {
    for (let step = waiting.shift(); step; step = waiting.shift()) {
      const started = performance.now()
      const { code, output } = await step.run()
      const ok = code === 0
      console.log(`${ok ? 'ok  ' : 'FAIL'}  ${step.title}  (${secondsSince(started)})`)
      if (!ok) console.log(output.trimEnd())
      total[ok ? 'passed' : 'failed']++
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return total
}

/** A step that is one program; it passes if the program ends with 0. */
export const step = (title, command, args, options) => ({ title, run: () => runQuiet(command, args, options) })

/** The last line of every runner. */
export function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

export const add = (...totals) =>
  totals.reduce(
    (sum, one) => ({
      passed: sum.passed + one.passed,
      failed: sum.failed + one.failed,
      skipped: sum.skipped + one.skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  )
