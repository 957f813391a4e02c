import { buildStale } from './build.mjs'
import { at } from './paths.mjs'
import { runNode } from './processes.mjs'

/** `npm run bench`: the measurements of docs/benchmarks.md, on the built programs. */
export async function main(args) {
  await buildStale()
  return runNode([at('e2e/bench/run.ts'), ...args])
}
