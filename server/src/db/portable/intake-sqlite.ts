import Database from 'better-sqlite3'
import { AppError } from '../../errors.ts'
import { migrateFile } from '../open-sqlite.ts'
import { forgetting, type Intake, type PortableTable, quoted, revisionJump } from './portable.ts'
import { levelOf } from './schema-level.ts'

type Place = { readonly path: string; readonly migrations: string; readonly schema: string }

/** A new file. Whoever asked for it removes it after a failure, so nothing is synced before the end. */
export async function sqliteIntake({ path, migrations, schema }: Place): Promise<Intake> {
  const db = new Database(path)
  try {
    for (const pragma of ['journal_mode = MEMORY', 'synchronous = OFF', 'foreign_keys = OFF', 'cache_size = -64000'])
      db.pragma(pragma)
    await migrateFile(db, migrations, levelOf(migrations, schema))
    db.exec('BEGIN')
  } catch (error) {
    db.close()
    throw error
  }
  return {
    insert: async (table, rows) => {
      const insert = db.prepare(statement(table))
      for (const row of rows) insert.run(...row)
    },
    forget: async (keys) => {
      for (const sql of [
        'DELETE FROM ad_tags WHERE ad_id IN (SELECT ads.id FROM ads JOIN assets ON assets.id = asset_id WHERE key = ?)',
        ...forgetting,
      ])
        for (const key of keys) db.prepare(sql).run(key)
    },
    finish: async ({ lastEventId }) => {
      db.prepare('UPDATE tenants SET revision = revision + ?').run(revisionJump)
      db.exec("DELETE FROM sqlite_sequence WHERE name = 'events'")
      db.prepare("INSERT INTO sqlite_sequence (name, seq) VALUES ('events', ?)").run(lastEventId)
      if (db.pragma('foreign_key_check', { simple: true }) !== undefined)
        throw new AppError('conflict', 'Rows of the backup refer to rows that are not in it. Use another backup')
      db.exec('COMMIT')
      db.pragma('synchronous = FULL')
      db.pragma('journal_mode = WAL')
      db.close()
    },
    abort: async () => void db.close(),
  }
}

function statement({ name, columns }: PortableTable): string {
  const names = columns.map((column) => quoted(column.name)).join(', ')
  return `INSERT INTO ${quoted(name)} (${names}) VALUES (${columns.map(() => '?').join(', ')})`
}
