import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Config } from '../config.ts'
import { ConfigError } from '../config.ts'
import { openDb } from '../db/open-db.ts'
import type { Clock, Deps, Log } from '../deps.ts'
import { openEvents } from '../events/open-events.ts'
import { openJobs } from '../jobs/open-jobs.ts'
import { makeSecret } from '../lib/secret.ts'
import { countBytes } from '../storage/counted.ts'
import { openStorage } from '../storage/open-storage.ts'
import { type Metrics, noMetrics, type Tracing } from '../telemetry/telemetry.ts'
import { ensureWhole } from './folder-lock.ts'

/** Folders that lie beside the program, from sources and from the bundle alike. */
export type Places = { readonly migrations: string }

const systemClock: Clock = { now: () => new Date() }

type OpenOptions = {
  log: Log
  places: Places
  clock?: Clock
  lanUrl?: () => string | null
  metrics?: Metrics
  tracing?: Tracing | undefined
}

/** Opens everything that the settings name. What was opened before a failure is closed again. */
export async function openDeps(
  config: Config,
  { log, places, clock = systemClock, lanUrl = () => null, metrics = noMetrics, tracing }: OpenOptions,
): Promise<Deps & { close(): Promise<void> }> {
  const dataDir = resolve(config.server.dataDir)
  await ensureFolder(dataDir)
  ensureWhole(dataDir)
  const secret = makeSecret(config.server.secret ?? (await readOrMakeSecret(dataDir)))
  const db = await openDb({
    databaseUrl: config.server.databaseUrl,
    dataDir,
    migrations: places.migrations,
    meter: metrics,
  })
  try {
    const storage = countBytes(await openStorage(config, { dataDir, secret, clock }), metrics.received)
    const events = await openEvents({
      db,
      clock,
      onError: (err) => log.error({ err }, 'Reading events failed; the next commit tries again'),
    })
    const jobs = openJobs({ db, clock, log })
    return {
      db,
      storage,
      events,
      jobs,
      clock,
      log,
      metrics,
      tracing,
      config,
      secret,
      baseUrl: config.server.publicUrl ?? `http://${printableHost(config.server.host)}:${config.server.port}`,
      lanUrl,
      async close() {
        await jobs.stop()
        await events.close()
        await db.close()
      },
    }
  } catch (error) {
    await db.close()
    throw error
  }
}

/** An address to print and to click: one cannot visit "every address". */
export function printableHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

/** Makes the data folder, or says why it can't be. */
export async function ensureFolder(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true })
    const probe = await open(join(dataDir, '.writable'), 'w')
    await probe.close()
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new ConfigError([
      `MARQUEE_DATA_DIR="${dataDir}": the folder can't be written (${reason}). Give it to the user that runs Marquee, or choose another`,
    ])
  }
}

/** Only the first of two starting processes makes it; the other one reads it. */
async function readOrMakeSecret(dataDir: string): Promise<string> {
  const path = join(dataDir, 'secret')
  try {
    const file = await open(path, 'wx', 0o600)
    const made = randomBytes(32).toString('base64url')
    await file.writeFile(made)
    await file.sync()
    await file.close()
    return made
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    return (await readFile(path, 'utf8')).trim()
  }
}
