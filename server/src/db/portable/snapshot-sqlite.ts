import Database from 'better-sqlite3'
import { keptRows, type PortableRow, type PortableTable, quoted, type Snapshot } from './portable.ts'
import { currentLevel } from './schema-level.ts'

const batch = 1_000

/** In WAL a read transaction sees one state and holds nobody up; the file only can't be made shorter meanwhile. */
export async function sqliteSnapshot({ path, migrations }: { path: string; migrations: string }): Promise<Snapshot> {
  const db = new Database(path, { readonly: true, fileMustExist: true, timeout: 5_000 })
  try {
    db.exec('BEGIN')
    // The transaction begins with this first read. The column is a number.
    const applied = db.prepare('SELECT created_at FROM __migrations').pluck().all() as number[]
    const sequence = db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'events'").pluck().get()
    return {
      schema: currentLevel(migrations, applied),
      lastEventId: typeof sequence === 'number' ? sequence : 0,
      rows: (table) => readRows(db, table),
      close: async () => void db.close(),
    }
  } catch (error) {
    db.close()
    throw error
  }
}

async function* readRows(db: Database.Database, table: PortableTable): AsyncGenerator<PortableRow[]> {
  const columns = table.columns.map(({ name }) => quoted(name)).join(', ')
  const select = db.prepare(`SELECT ${columns} FROM ${quoted(table.name)} ${keptRows(table)}`).raw()
  let rows: PortableRow[] = []
  // Raw rows are arrays, and SQLite keeps every kind as the portable form has it.
  for (const row of select.iterate() as IterableIterator<PortableRow>) {
    rows.push(row)
    if (rows.length < batch) continue
    yield rows
    rows = []
  }
  if (rows.length > 0) yield rows
}
