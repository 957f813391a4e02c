import type { Columns } from './columns.postgres.ts'
import { accountTables } from './tables.accounts.ts'
import { contentTables } from './tables.content.ts'
import { systemTables } from './tables.system.ts'

/** Every table of the server, once. Called with the words of a dialect, it gives that dialect's tables. */
export function defineTables(c: Columns) {
  const system = systemTables(c)
  const accounts = accountTables(c)
  const content = contentTables(c)
  return { ...system, ...accounts, ...content }
}
export type Tables = ReturnType<typeof defineTables>
