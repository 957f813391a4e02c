import { join } from 'node:path'
import type { Db, DbMeter } from './db.ts'
import { openPostgres } from './open-postgres.ts'
import { openSqlite } from './open-sqlite.ts'
import { timed } from './timed.ts'

const noMeter: DbMeter = { queried: () => undefined, databaseFailed: () => undefined }

/** The one switch: Postgres if `databaseUrl` is set, else a SQLite file in the data folder. */
export async function openDb({
  databaseUrl,
  dataDir,
  migrations,
  meter = noMeter,
}: {
  databaseUrl: string
  dataDir: string
  migrations: string
  meter?: DbMeter
}): Promise<Db> {
  const db = databaseUrl
    ? await openPostgres({ url: databaseUrl, migrations: join(migrations, 'postgres'), meter })
    : await openSqlite({ path: join(dataDir, 'marquee.db'), migrations: join(migrations, 'sqlite'), meter })
  return { ...db, write: (work) => timed(meter, 'write', () => db.write(work)) }
}
