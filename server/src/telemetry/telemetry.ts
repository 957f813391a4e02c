import type { DbMeter } from '../db/db.ts'
import type { JobQueue } from '../jobs/jobs.ts'

/** How a call ended: `ok`, or a code of `shared/errors.ts`. */
export type Outcome = string

/** What is true at the moment when somebody asks for the metrics; what could not be found out is left out. */
export type Standing = {
  readonly screens?: { readonly paired: number; readonly online: number }
  readonly subscriptions?: { readonly panel: number; readonly screen: number }
  readonly jobs?: readonly JobQueue[]
  readonly storageFreeBytes?: number | null
  /** The checks of `/readyz`, each true where it passes. */
  readonly ready?: Readonly<Record<string, boolean>>
}

/**
 * Counts for the operator. Every label comes from a closed list (procedures, codes, kinds): never an id, a tenant or a
 * path, so that the number of series is bounded.
 */
export type Metrics = DbMeter & {
  /** A procedure ended, by whichever door it was called. */
  called(procedure: string, outcome: Outcome, ms: number): void
  /** A request was answered; `route` is one of the server's own names for groups of addresses. */
  answered(route: string, status: number): void
  /** Bytes that the storage took. */
  received(bytes: number): void
  /** Bytes of media that went to clients. */
  delivered(bytes: number): void
  /** A call was refused for coming too often; `by` says which bucket was empty. */
  limited(by: 'address' | 'person' | 'key' | 'screen' | 'tenant'): void
  /** Everything in the text format of Prometheus. */
  render(standing: Standing): Promise<{ readonly type: string; readonly text: string }>
}

const nothing = () => undefined

/** For the command line and wherever nobody asks. */
export const noMetrics: Metrics = {
  called: nothing,
  answered: nothing,
  received: nothing,
  delivered: nothing,
  queried: nothing,
  databaseFailed: nothing,
  limited: nothing,
  render: async () => ({ type: 'text/plain', text: '' }),
}

/** What a span tells of itself; never a secret, never an input. */
export type SpanFacts = Readonly<Record<string, string | number | boolean>>

/** Spans for whoever collects traces; `deps.tracing` is undefined where nobody does. */
export type Tracing = {
  /**
   * Runs work as a span, a child of the one that runs, or of `parent` (a `traceparent` header). `ended` gives what is known
   * after it; a rejection marks the span as failed and goes on.
   */
  span<T>(
    name: string,
    options: { readonly facts?: SpanFacts; readonly parent?: string | null; readonly ended?: (result: T) => EndOfSpan },
    work: () => Promise<T>,
  ): Promise<T>
  /** Sends what is held. */
  close(): Promise<void>
}
export type EndOfSpan = { readonly failed?: string; readonly facts?: SpanFacts }
