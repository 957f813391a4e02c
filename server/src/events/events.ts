import type { ChangeKind } from '@marquee/shared/live.ts'
import type { Tx } from '../db/db.ts'

export type NewEvent = {
  readonly tenantId: string
  readonly kind: ChangeKind
  readonly subjectId?: string | null
  readonly revision?: number | null
}
export type StoredEvent = {
  readonly id: number
  readonly tenantId: string
  readonly kind: ChangeKind
  readonly subjectId: string | null
  readonly revision: number | null
}

/**
 * What happened, for those who listen. Rows are appended inside the transaction that changes the thing; a signal only
 * wakes the readers, who go on from the last id that they saw.
 *
 * - An event of a failed transaction is never seen; one of a committed transaction is seen exactly once per subscriber.
 * - Ids grow in the order of commits, across processes.
 * - A subscriber gets events of its tenant only.
 * - A subscriber that resumes after id N gets every later event in order; if events after N were already purged, it
 *   first gets `reset`, which means: read everything anew.
 * - A subscriber that does not keep up is told `reset` rather than held in memory without bound.
 * - Ending the signal ends the subscription, without an error.
 */
export type Events = {
  /** Last thing to do in a transaction: on Postgres it holds the order's lock until commit. */
  append(tx: Tx, event: NewEvent): Promise<void>
  subscribe(
    tenantId: string,
    options: { afterId: number | null; signal: AbortSignal },
  ): AsyncIterable<StoredEvent | { readonly kind: 'reset'; readonly id: number }>
  /** Wakes on every event of every tenant, inside the server only (caches, job wheel). Returns the way to stop. */
  listen(listener: (event: StoredEvent) => void): () => void
  /** Id of the newest event that this process knows; a new subscriber starts there. */
  lastId(): Promise<number>
  /** Removes events older than `before`. */
  purge(before: Date): Promise<number>
  /** Aborts when `close` begins, for those who wait by themselves. */
  readonly closed: AbortSignal
  close(): Promise<void>
}
