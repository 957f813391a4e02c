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
 * processes do it once, and a killed one leaves the old schema. `until` (a `folderMillis`) stops at an earlier state, for rows
 * that were made under it.
 */
export async function migrate(
  target: MigrationTarget,
  folder: string,
  until = Number.POSITIVE_INFINITY,
): Promise<void> {
  const known = readMigrationFiles({ migrationsFolder: folder })
  const applied = await target.applied()
  const newest = known.at(-1)?.folderMillis ?? 0
  if (applied.some((when) => when > newest)) {
    throw new DbError(
      'newer',
      'The database was made by a newer Marquee. Start that version, or restore a backup made by this one',
    )
  }
  const missing = known.filter(({ folderMillis }) => folderMillis <= until && !applied.includes(folderMillis))
  for (const migration of missing) {
    for (const statement of migration.sql) await target.run(statement)
    await target.record(migration)
  }
}
