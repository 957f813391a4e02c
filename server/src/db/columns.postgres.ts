import {
  bigint,
  bigserial,
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
} from 'drizzle-orm/pg-core'

/** The column vocabulary of the schema, in Postgres words. `columns.sqlite.ts` says the same in SQLite words. */
export const postgres = {
  table: pgTable,
  index,
  uniqueIndex,
  primaryKey,
  id: () => text().primaryKey(),
  /** A number that grows by one per row and is never given twice. */
  sequence: () => bigserial({ mode: 'number' }).primaryKey(),
  text: () => text(),
  integer: () => integer(),
  bytes: () => bigint({ mode: 'number' }),
  real: () => doublePrecision(),
  boolean: () => boolean(),
  json: <T>() => jsonb().$type<T>(),
  time: () => timestamp({ withTimezone: true, precision: 3, mode: 'date' }),
}
export type Columns = typeof postgres
