import { staticChecks } from './static-checks.mjs'
import { add, runSteps, summary } from './steps.mjs'
import { runUnits } from './test-runners.mjs'

/** `npm run check`: types, lint, import rule, unit tests; what one runs before every commit. */
export async function main() {
  const units = runUnits()
  const fixed = runSteps(staticChecks(), 1)
  const total = add(await fixed, await units)
  console.log(summary(total))
  return total.failed === 0 ? 0 : 1
}
