import { index, integer, primaryKey, real, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { Columns } from './columns.postgres.ts'

const sqliteWords = {
  table: sqliteTable,
  index,
  uniqueIndex,
  primaryKey,
  id: () => text().primaryKey(),
  sequence: () => integer().primaryKey({ autoIncrement: true }),
  text: () => text(),
  integer: () => integer(),
  bytes: () => integer({ mode: 'number' }),
  real: () => real(),
  boolean: () => integer({ mode: 'boolean' }),
  json: <T>() => text({ mode: 'json' }).$type<T>(),
  time: () => integer({ mode: 'timestamp_ms' }),
} satisfies Record<keyof Columns, unknown>

/** One of the few casts of this folder: from here on every table is typed as its Postgres twin. */
export const sqlite = sqliteWords as unknown as Columns
