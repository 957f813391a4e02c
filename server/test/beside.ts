import { parseConfig } from '../src/config.ts'
import type { Deps } from '../src/deps.ts'
import { openDeps } from '../src/runtime/open-deps.ts'
import { migrations, type TestDeps } from './test-deps.ts'

/** The same installation opened once more, as another process (a second server, the command line) would. */
export async function openBeside({ env, log, clock }: TestDeps): Promise<Deps & AsyncDisposable> {
  const deps = await openDeps(parseConfig(env), { log, places: { migrations }, clock })
  return Object.assign(deps, { [Symbol.asyncDispose]: () => deps.close() })
}
