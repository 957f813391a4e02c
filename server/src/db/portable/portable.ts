import { getTableColumns, getTableName, is, Table } from 'drizzle-orm'
import { toSnakeCase } from 'drizzle-orm/casing'
import { postgres } from '../columns.postgres.ts'
import { defineTables } from '../tables.ts'

/**
 * How a value travels between the dialects: text and numbers as they are, a boolean as 0 or 1, a time as ms since 1970,
 * json as its text.
 */
export type PortableKind = 'text' | 'number' | 'boolean' | 'time' | 'json'
export type PortableValue = string | number | null
export type PortableRow = readonly PortableValue[]
export type PortableTable = {
  readonly name: string
  readonly columns: readonly { readonly name: string; readonly kind: PortableKind }[]
}

/**
 * The rows of one instant.
 *
 * - All tables are of the same instant, whatever is written meanwhile.
 * - Nobody who writes waits for it.
 */
export type Snapshot = {
  /** The newest migration; see `schemaLevels`. */
  readonly schema: string
  /** The last id of `events`: ids are never given twice, also of rows that are gone. */
  readonly lastEventId: number
  /** Some rows at a time. */
  rows(table: PortableTable): AsyncIterable<PortableRow[]>
  close(): Promise<void>
}

/**
 * An empty database that takes a snapshot in. Nobody sees a row before `finish`; `abort` leaves it empty.
 */
export type Intake = {
  insert(table: PortableTable, rows: readonly PortableRow[]): Promise<void>
  /** Leaves out what shows these media: their bytes are not there. */
  forget(keys: readonly string[]): Promise<void>
  finish(marks: { readonly lastEventId: number }): Promise<void>
  abort(): Promise<void>
}

/** Every table of the server, parents before those that refer to them. What the search knows is made anew from the ads. */
export function portableTables(): PortableTable[] {
  return Object.values(defineTables(postgres))
    .filter((table) => is(table, Table))
    .map((table) => ({
      name: getTableName(table),
      columns: Object.values(getTableColumns(table)).map((column) => ({
        name: column.keyAsName ? toSnakeCase(column.name) : column.name,
        kind: kindOf(column.dataType),
      })),
    }))
}

/** What is on its way belongs to the process that does it: the parts of an open upload are in no backup. */
export function keptRows({ name }: PortableTable): string {
  if (name === 'uploads') return "WHERE state = 'done'"
  return name === 'idempotency' ? 'WHERE status IS NOT NULL' : ''
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** Screens and panels compare revisions with `>`: after a restore they must see a higher one than they ever did. */
export const revisionJump = 1_000

/** What leaves the database of media without bytes; `?` is the key. Both dialects know these words. */
export const forgetting = [
  'DELETE FROM ads WHERE asset_id IN (SELECT id FROM assets WHERE key = ?)',
  'DELETE FROM assets WHERE key = ?',
  'UPDATE assets SET poster_key = NULL WHERE poster_key = ?',
]

function kindOf(dataType: string): PortableKind {
  switch (dataType) {
    case 'string':
      return 'text'
    case 'number':
    case 'boolean':
    case 'json':
      return dataType
    case 'date':
      return 'time'
    default:
      throw new Error(`A backup has no words for columns of the kind "${dataType}"`)
  }
}
