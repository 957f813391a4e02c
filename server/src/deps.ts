import type { Config } from './config.ts'
import type { Db } from './db/db.ts'
import type { Events } from './events/events.ts'
import type { Jobs } from './jobs/jobs.ts'
import type { Storage } from './storage/storage.ts'
import type { Metrics, Tracing } from './telemetry/telemetry.ts'

/** Now; injected, so that tests can move it. */
export type Clock = { now(): Date }

/** Structured log lines; pino fits. */
export type Log = {
  debug(facts: object, text: string): void
  info(facts: object, text: string): void
  warn(facts: object, text: string): void
  error(facts: object, text: string): void
}

/** Everything that a use case may need of the outside, made once at start and passed whole. */
export type Deps = {
  readonly db: Db
  readonly storage: Storage
  readonly events: Events
  readonly jobs: Jobs
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  /** Undefined where nobody collects traces: then nothing of them is loaded or done. */
  readonly tracing?: Tracing | undefined
  readonly config: Config
  /**
   * Scheme, host and port under which the caller reaches this server, e.g. `http://192.168.1.5:12393`, without a slash at
   * the end; set per request (`http/base-url.ts`), and from the settings where nobody calls (jobs, command line).
   */
  readonly baseUrl: string
  /** This machine's address in the local network, where the server listens there and no public URL is set; see `lib/shareable.ts`. */
  readonly lanUrl: () => string | null
  /** Keys of this installation, derived from one secret; see `lib/secret.ts`. */
  readonly secret: {
    sign(purpose: string, text: string): string
    verify(purpose: string, text: string, signature: string): boolean
    derive(purpose: string): string
  }
}
