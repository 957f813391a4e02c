import type { TestApp } from '../../../../test/test-app.ts'

/** Every row of every table, to see that nothing was changed. Events and jobs are among them. */
export async function allRows({ db }: TestApp): Promise<Record<string, unknown[]>> {
  const tables = Object.entries(db.read.tables)
  const rows = await Promise.all(
    tables.map(async ([name, table]) => [name, await db.read.select().from(table)] as const),
  )
  return Object.fromEntries(rows.map(([name, found]) => [name, found.map((row) => JSON.stringify(row)).sort()]))
}
