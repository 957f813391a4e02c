import { join, resolve } from 'node:path'
import { type AppParts, createApp } from '../app.ts'
import { parseConfig } from '../config.ts'
import type { Clock, Deps, Log } from '../deps.ts'
import { setUpLink } from '../features/accounts/accounts.usecases.ts'
import { registerJobs } from '../features/register-jobs.usecases.ts'
import { openMetrics } from '../telemetry/open-metrics.ts'
import { openTracing } from '../telemetry/open-tracing.ts'
import { serveAssets } from './assets.ts'
import { type Hold, holdFolder, writeNote } from './folder-lock.ts'
import { lanUrlOf } from './lan.ts'
import { ensureFolder, openDeps, printableHost } from './open-deps.ts'

export type Fetch = ReturnType<typeof createApp>['fetch']

/** What differs by runtime: the listening socket. `address` is told per request. */
export type Listen = (options: {
  host: string
  port: number
  fetch: Fetch
  deps: Deps
}) => Promise<{ port: number; close(graceMs: number): Promise<void> }>

export type Running = {
  readonly deps: Deps
  /** Address of this machine under which it answers. */
  readonly url: string
  /** Stops taking requests, ends subscriptions, lets running parts finish, closes in order. */
  stop(): Promise<void>
}

const graceMs = 8_000

export type StartOptions = {
  readonly env: Record<string, string | undefined>
  readonly log: Log
  readonly listen: Listen
  /** Folder that has `migrations/`, `panel/` and `player/`, or where each of them is. */
  readonly places: { migrations: string; panel: string; player: string }
  readonly clock?: Clock
  /** Tests replace the built pages. */
  readonly assets?: AppParts['assets']
}

/** From settings to a server that listens. */
export async function start({ env, log, listen, places, clock, assets }: StartOptions): Promise<Running> {
  const config = parseConfig(env)
  // The port is known once it listens, and the address of the machine may change while it runs.
  let port = config.server.port
  const lanUrl = () => lanUrlOf(config, port)
  const metrics = openMetrics({ ofProcess: true })
  const tracing = await openTracing(env, log)
  const dataDir = resolve(config.server.dataDir)
  await ensureFolder(dataDir)
  const hold = holdFolder(dataDir)
  const deps = await openHeld(hold, () =>
    openDeps(config, { log, places, lanUrl, metrics, tracing, ...(clock && { clock }) }),
  )
  try {
    const app = createApp(deps, { assets: assets ?? serveAssets(places) })
    const { host } = config.server
    const server = await listen({ host, port, fetch: app.fetch, deps })
    port = server.port
    const url = `http://${printableHost(host)}:${port}`
    const running = { ...deps, baseUrl: config.server.publicUrl ?? url }
    writeNote(dataDir, url)
    registerJobs(running)
    deps.jobs.start()
    return {
      deps: running,
      url,
      async stop() {
        await Promise.all([deps.events.close(), server.close(graceMs), deps.jobs.stop(graceMs)])
        await app.close()
        await deps.close()
        hold.release()
        await tracing?.close()
      },
    }
  } catch (error) {
    await deps.close()
    hold.release()
    throw error
  }
}

async function openHeld<T>(hold: Hold, open: () => Promise<T>): Promise<T> {
  try {
    return await open()
  } catch (error) {
    hold.release()
    throw error
  }
}

/** What a person needs to know after a start, one line each. */
export async function greeting({ deps, url }: Running): Promise<string[]> {
  const base = deps.baseUrl
  const link = await setUpLink(deps)
  return [
    `Marquee is listening on ${url}`,
    `  Panel:  ${base}/`,
    `  Player: ${base}/player/`,
    ...fromElsewhere(deps),
    ...(link ? ['', 'Nobody has an account yet. Open this link to make yours (it works once):', `  ${link}`] : []),
  ]
}

/** How a phone in the shop gets here. */
function fromElsewhere(deps: Deps): string[] {
  const lan = deps.lanUrl()
  if (lan) return [`  From phones and screens in your network: ${lan}/ and ${lan}/player/`]
  if (deps.config.server.publicUrl !== undefined) return []
  return ['  Only this machine gets in. For phones and screens in your network, start with MARQUEE_HOST=0.0.0.0']
}

/** Folders when the program runs from its sources at `root` (the repository). */
export function sourcePlaces(root: string) {
  return {
    migrations: join(root, 'server/src/db/migrations'),
    panel: join(root, 'panel/build'),
    player: join(root, 'player/dist'),
  }
}
