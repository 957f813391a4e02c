import type { SQL } from 'drizzle-orm'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import type { Tables } from './tables.ts'

type Drizzle = PgDatabase<PgQueryResultHKT, Record<string, never>>

/** What a query that only reads is given. */
export type Read = Pick<Drizzle, 'select' | 'selectDistinct' | '$count' | 'with'> & {
  readonly tables: Tables
  readonly words: DialectWords
}

/** What a query that changes something is given: the inside of one transaction. No bytes and no network inside. */
export type Tx = Read & Pick<Drizzle, 'insert' | 'update' | 'delete'>

/** A place in a tenant's order of ads. */
export type AdPlace = { readonly position: number; readonly id: string }

/** What is searched for, from behind a place in the order (null: from the start). */
export type AdSearch = {
  readonly tenantId: string
  readonly search: string
  readonly after: AdPlace | null
  readonly limit: number
  /** Whether the caller leaves out some of what is found. */
  readonly filtered: boolean
}

/** The first `limit` ads that fit, or (if `filtered`) all that do; where those would be too many, a condition on `ads`. */
export type AdsFound = { readonly ids: readonly string[] } | { readonly condition: SQL }

/** An ad as the search knows it: its place, and the text to find it by. */
export type SearchEntry = AdPlace & { readonly tenantId: string; readonly text: string }

/** The few things that the two databases say in different words. */
export type DialectWords = {
  /**
   * The tenant's ads that have all words of the search. What it costs is bounded for rare and for common words; see
   * `search-plan.ts`.
   */
  findAds(read: Read, search: AdSearch): Promise<AdsFound>
  /** Writes or replaces what the search knows of these ads. */
  indexAds(tx: Tx, ads: readonly SearchEntry[]): Promise<void>
  /** Makes the search forget ads. */
  forgetAds(tx: Tx, ids: readonly string[]): Promise<void>
  /** Tells the search that an ad has a new place in the order. */
  placeAd(tx: Tx, id: string, position: number): Promise<void>
}

/**
 * A database of the server.
 *
 * - Every change is in a `write`, which is one transaction: a failed one leaves nothing.
 * - A change through `read` is refused; `read` never sees half of a `write`, nor one that is not committed.
 * - A `write` inside a `write` is refused at once, since it would wait for itself.
 * - Concurrent writes do not take each other along when one fails.
 */
export type Db = {
  readonly dialect: 'sqlite' | 'postgres'
  readonly read: Read
  write<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** Called after a commit, by this process or (within a quarter of a second) by another one. Returns the way to stop. */
  onCommit(listener: () => void): () => void
  /** Rejects unless the database answers now. */
  ping(): Promise<void>
  close(): Promise<void>
}

/** Who is told how long the database took, and when it failed. */
export type DbMeter = {
  /** A read, or a whole transaction with its wait for its turn. */
  queried(kind: 'read' | 'write', ms: number): void
  databaseFailed(code: string): void
}

/** Refusals that a rule can mean, apart from "the database is broken". */
export class DbError extends Error {
  readonly code: 'unique' | 'locked' | 'full' | 'unavailable' | 'newer' | 'nested-write'
  constructor(code: DbError['code'], message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'DbError'
    this.code = code
  }
}
