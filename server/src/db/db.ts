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

/** The few things that the two databases say in different words. */
export type DialectWords = {
  /** True for ads of the tenant whose search text has all words of the query; see `search-text.ts`. */
  adsMatch(tenantId: string, search: string): SQL
  /** Writes, replaces or (null) removes the search text of an ad. */
  indexAd(tx: Tx, ad: { id: string; tenantId: string }, text: string | null): Promise<void>
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

/** Refusals that a rule can mean, apart from "the database is broken". */
export class DbError extends Error {
  readonly code: 'unique' | 'locked' | 'full' | 'unavailable' | 'newer' | 'nested-write'
  constructor(code: DbError['code'], message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'DbError'
    this.code = code
  }
}
