import { join } from 'node:path'
import type { Db } from './db.ts'
import { openPostgres } from './open-postgres.ts'
import { openSqlite } from './open-sqlite.ts'

/** The one switch: Postgres if `databaseUrl` is set, else a SQLite file in the data folder. */
export function openDb({
  databaseUrl,
  dataDir,
  migrations,
}: {
  databaseUrl: string
  dataDir: string
  migrations: string
}): Promise<Db> {
  return databaseUrl
    ? openPostgres({ url: databaseUrl, migrations: join(migrations, 'postgres') })
    : openSqlite({ path: join(dataDir, 'marquee.db'), migrations: join(migrations, 'sqlite') })
}
