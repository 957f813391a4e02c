import { resolve } from 'node:path'
import process from 'node:process'
import type { OperatorActor } from '../access.ts'
import { type Config, parseConfig } from '../config.ts'
import type { Deps, Log } from '../deps.ts'
import { AppError } from '../errors.ts'
import { getTenant } from '../features/tenants/tenants.usecases.ts'
import { findServer, version } from '../runtime/folder-lock.ts'
import { openDeps } from '../runtime/open-deps.ts'
import { places } from './places.ts'

const line = (facts: object, text: string) =>
  void process.stderr.write(`${text}${'err' in facts ? `: ${String(facts.err)}` : ''}\n`)
/** Only what a person at a terminal must know. */
const log: Log = { debug: () => undefined, info: () => undefined, warn: line, error: line }

/** Opens what the settings name, beside a running server or without one, and closes it after the work. */
export async function withDeps<T>(work: (deps: Deps) => Promise<T>): Promise<T> {
  const config = ownConfig()
  ensureSameVersion(config)
  const deps = await openDeps(config, { log, places })
  try {
    return await work(deps)
  } finally {
    await deps.close()
  }
}

/** The same for work in one tenant, which must be there. */
export function withTenant<T>(tenantId: string, work: (deps: Deps, actor: OperatorActor) => Promise<T>): Promise<T> {
  return withDeps(async (deps) => {
    await getTenant(deps, operatorFor(tenantId))
    return work(deps, operatorFor(tenantId))
  })
}

export function ownConfig(): Config {
  return parseConfig(process.env)
}

/** A newer command line would change the schema under a server that does not know it. */
export function ensureSameVersion(config: Config): void {
  const server = findServer(resolve(config.server.dataDir))
  if (!server || server.version === version) return
  throw new AppError(
    'conflict',
    `A server of Marquee ${server.version} works in "${config.server.dataDir}", and this is ${version}. Use the command line of that version, or stop the server`,
  )
}

/** Whoever sits at the server's own machine, acting for one tenant. */
export function operatorFor(tenantId: string): OperatorActor {
  return { kind: 'operator', name: 'Command line', tenantId }
}
