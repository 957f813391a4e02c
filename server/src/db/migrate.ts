import { type MigrationMeta, readMigrationFiles } from 'drizzle-orm/migrator'
import { DbError } from './db.ts'

/** The statements of one dialect that migrating needs, run on one connection inside the caller's lock. */
export type MigrationTarget = {
  /** Times (`folderMillis`) of the migrations that ran. */
  applied(): Promise<number[]>
  run(sql: string): Promise<void>
  record(migration: MigrationMeta): Promise<void>
}

/**
 * Brings the schema to this program's state. The caller holds a lock and a transaction, so that two starting
 * processes do it once, and a killed one leaves the old schema.
 */
export async function migrate(target: MigrationTarget, folder: string): Promise<void> {
  const known = readMigrationFiles({ migrationsFolder: folder })
  const applied = await target.applied()
  const newest = known.at(-1)?.folderMillis ?? 0
  if (applied.some((when) => when > newest)) {
    throw new DbError(
      'newer',
      'The database was made by a newer Marquee. Start that version, or restore a backup made by this one',
    )
  }
  for (const migration of known.filter(({ folderMillis }) => !applied.includes(folderMillis))) {
    for (const statement of migration.sql) await target.run(statement)
    await target.record(migration)
  }
}
