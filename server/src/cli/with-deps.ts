import process from 'node:process'
import type { OperatorActor } from '../access.ts'
import { parseConfig } from '../config.ts'
import type { Deps, Log } from '../deps.ts'
import { openDeps } from '../runtime/open-deps.ts'
import { places } from './places.ts'

const line = (facts: object, text: string) =>
  void process.stderr.write(`${text}${'err' in facts ? `: ${String(facts.err)}` : ''}\n`)
/** Only what a person at a terminal must know. */
const log: Log = { debug: () => undefined, info: () => undefined, warn: line, error: line }

/** Opens what the settings name, beside a running server or without one, and closes it after the work. */
export async function withDeps<T>(work: (deps: Deps) => Promise<T>): Promise<T> {
  const deps = await openDeps(parseConfig(process.env), { log, places })
  try {
    return await work(deps)
  } finally {
    await deps.close()
  }
}

/** Whoever sits at the server's own machine, acting for one tenant. */
export function operatorFor(tenantId: string): OperatorActor {
  return { kind: 'operator', name: 'Command line', tenantId }
}
