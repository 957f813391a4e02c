import { buildStale } from './build.mjs'
import { haveDebianPackages } from './debian-packages.mjs'
import { secondsSince } from './processes.mjs'
import { builtChecks, staticChecks } from './static-checks.mjs'
import { add, runSteps, summary } from './steps.mjs'
import { runPlaywright, runVitest } from './test-runners.mjs'

const nothing = { passed: 0, failed: 0, skipped: 0 }

/** The parts of the whole suite, in the order in which they tell most per second. */
const parts = [
  { title: 'Static checks', run: () => runSteps([...staticChecks(), ...builtChecks()]) },
  { title: 'Tests on SQLite', run: () => runVitest('sqlite') },
  { title: 'Tests on Postgres', run: () => runVitest('postgres', ['server'], { TEST_DB: 'postgres' }) },
  { title: 'The server as a program, on Node and Deno', run: () => runVitest('programs', ['programs']) },
  { title: 'End to end in Chromium', run: () => runPlaywright([]) },
]

/** `npm test`: the whole suite. Its last line is the sum of all parts. */
export async function main() {
  if (!haveDebianPackages()) return 1
  await buildStale()
  let total = nothing
  for (const { title, run } of parts) {
    const started = performance.now()
    console.log(`\n== ${title}`)
    const part = await run().catch((error) => {
      console.error(error.message)
      return { ...nothing, failed: 1 }
    })
    console.log(`== ${title}: ${summary(part)} in ${secondsSince(started)}`)
    total = add(total, part)
  }
  console.log(`\n${summary(total)}`)
  return total.failed === 0 ? 0 : 1
}
