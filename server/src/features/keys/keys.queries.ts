import { and, desc, eq, isNull } from 'drizzle-orm'
import type { Allowed } from '../../access.ts'
import type { Read, Tx } from '../../db/db.ts'
import type { Row } from '../../db/rows.ts'

export type KeyRow = Row<'apiKeys'>

export async function addKey(tx: Tx, row: KeyRow): Promise<void> {
  await tx.insert(tx.tables.apiKeys).values(row)
}

/** Those that were not revoked, the newest first. */
export function findKeys(read: Read, tenantId: string): Promise<KeyRow[]> {
  const { apiKeys } = read.tables
  return read
    .select()
    .from(apiKeys)
    .where(and(eq(apiKeys.tenantId, tenantId), isNull(apiKeys.revokedAt)))
    .orderBy(desc(apiKeys.id))
}

export async function findKey(read: Read, id: string): Promise<KeyRow | null> {
  const { apiKeys } = read.tables
  const [row] = await read.select().from(apiKeys).where(eq(apiKeys.id, id))
  return row ?? null
}

export async function findKeyByHash(read: Read, tokenHash: string): Promise<KeyRow | null> {
  const { apiKeys } = read.tables
  const [row] = await read.select().from(apiKeys).where(eq(apiKeys.tokenHash, tokenHash))
  return row ?? null
}

export async function setRevoked(tx: Tx, { id }: Allowed<KeyRow>, now: Date): Promise<void> {
  const { apiKeys } = tx.tables
  await tx.update(apiKeys).set({ revokedAt: now }).where(eq(apiKeys.id, id))
}

export async function setLastUsed(tx: Tx, id: string, now: Date): Promise<void> {
  const { apiKeys } = tx.tables
  await tx.update(apiKeys).set({ lastUsedAt: now }).where(eq(apiKeys.id, id))
}
