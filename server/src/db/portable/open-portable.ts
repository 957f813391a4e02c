import { join } from 'node:path'
import { postgresIntake } from './intake-postgres.ts'
import { sqliteIntake } from './intake-sqlite.ts'
import type { Intake, Snapshot } from './portable.ts'
import { postgresSnapshot } from './snapshot-postgres.ts'
import { sqliteSnapshot } from './snapshot-sqlite.ts'

type Place = {
  readonly databaseUrl: string
  /** Folder of `marquee.db`, where it is SQLite. */
  readonly dataDir: string
  readonly migrations: string
}

/** The one switch, as in `openDb`; nothing is migrated. */
export function openSnapshot({ databaseUrl, dataDir, migrations }: Place): Promise<Snapshot> {
  return databaseUrl
    ? postgresSnapshot({ url: databaseUrl, migrations: join(migrations, 'postgres') })
    : sqliteSnapshot({ path: join(dataDir, 'marquee.db'), migrations: join(migrations, 'sqlite') })
}

/** `schema` is the snapshot's; the database is brought to that state and no further. */
export function openIntake(
  { databaseUrl, dataDir, migrations }: Place,
  { schema, again }: { readonly schema: string; readonly again: boolean },
): Promise<Intake> {
  return databaseUrl
    ? postgresIntake({ url: databaseUrl, migrations: join(migrations, 'postgres'), schema, again })
    : sqliteIntake({ path: join(dataDir, 'marquee.db'), migrations: join(migrations, 'sqlite'), schema })
}
