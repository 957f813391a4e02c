import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Db } from '../../server/src/db/db.ts'
import { openDb } from '../../server/src/db/open-db.ts'
import { newId } from '../../server/src/lib/id.ts'
import { hashToken, newToken } from '../../server/src/lib/secret.ts'
import { runMarquee } from './programs.ts'

const migrations = join(import.meta.dirname, '../../server/src/db/migrations')
const scopes = 'ads:read,ads:write,screens:read,screens:write'
/** SQLite takes 32,766 values in one statement. */
const rowsAtOnce = 500

/** Where a server keeps its things. */
export type Place = { readonly dataDir: string; readonly databaseUrl?: string }

/** Makes a tenant with the command line and gives the secret of a key of it. */
export async function makeTenant(place: Place, id: string): Promise<string> {
  mkdirSync(place.dataDir, { recursive: true })
  await runMarquee(place, ['tenant', 'create', id, '--name', id])
  return runMarquee(place, ['key', 'create', '--tenant', id, '--scopes', scopes])
}

/** Opens the database of a place to write rows that nobody would make one by one. */
export async function withDb<T>({ dataDir, databaseUrl = '' }: Place, work: (db: Db) => Promise<T>): Promise<T> {
  const db = await openDb({ databaseUrl, dataDir, migrations })
  try {
    return await work(db)
  } finally {
    await db.close()
  }
}

/** Pairs so many screens by their rows and gives their device cookies. */
export async function addScreens(db: Db, tenantId: string, count: number): Promise<string[]> {
  const tokens = Array.from({ length: count }, newToken)
  for (let start = 0; start < count; start += rowsAtOnce) {
    const rows = tokens.slice(start, start + rowsAtOnce).map((token, at) => screenRow(tenantId, token, start + at))
    await db.write(async (tx) => void (await tx.insert(tx.tables.screens).values(rows)))
  }
  return tokens.map((token) => `marquee_screen=${token}`)
}

function screenRow(tenantId: string, token: string, at: number) {
  return {
    id: newId(),
    tenantId,
    name: `Screen ${at + 1}`,
    orientation: 0 as const,
    muted: false,
    shuffle: false,
    tokenHash: hashToken(token),
    revision: 0,
    adId: null,
    problem: null,
    width: null,
    height: null,
    playerVersion: null,
    lastSeenAt: null,
    createdAt: new Date(),
  }
}
