import { and, desc, eq, inArray, lt, ne } from 'drizzle-orm'
import type { Allowed } from '../../access.ts'
import type { Read, Tx } from '../../db/db.ts'
import type { UploadRow } from '../../db/rows.ts'

export async function addUpload(tx: Tx, row: UploadRow): Promise<void> {
  await tx.insert(tx.tables.uploads).values(row)
}

export async function findUpload(read: Read, tenantId: string, id: string): Promise<UploadRow | null> {
  const { uploads } = read.tables
  const [row] = await read
    .select()
    .from(uploads)
    .where(and(eq(uploads.tenantId, tenantId), eq(uploads.id, id)))
  return row ?? null
}

/** Those not done, newest first, `limit + 1` at most. */
export function findUnfinished(
  read: Read,
  tenantId: string,
  { before, limit, createdBy }: { before: string | null; limit: number; createdBy: string | null },
): Promise<UploadRow[]> {
  const { uploads } = read.tables
  return read
    .select()
    .from(uploads)
    .where(
      and(
        eq(uploads.tenantId, tenantId),
        ne(uploads.state, 'done'),
        createdBy === null ? undefined : eq(uploads.createdBy, createdBy),
        before === null ? undefined : lt(uploads.id, before),
      ),
    )
    .orderBy(desc(uploads.id))
    .limit(limit + 1)
}

export async function setExpiry(tx: Tx, { id }: Allowed<UploadRow>, expiresAt: Date): Promise<void> {
  const { uploads } = tx.tables
  await tx.update(uploads).set({ expiresAt }).where(eq(uploads.id, id))
}

/** `open` to `completing`; also true if a completion that was broken off is to be done again. */
export async function beginCompletion(tx: Tx, { id }: Allowed<UploadRow>): Promise<boolean> {
  const { uploads } = tx.tables
  const rows = await tx
    .update(uploads)
    .set({ state: 'completing' })
    .where(and(eq(uploads.id, id), ne(uploads.state, 'done')))
    .returning({ id: uploads.id })
  return rows.length > 0
}

/** Parts may be sent again. */
export async function reopen(tx: Tx, { id }: Allowed<UploadRow>): Promise<void> {
  const { uploads } = tx.tables
  await tx
    .update(uploads)
    .set({ state: 'open' })
    .where(and(eq(uploads.id, id), eq(uploads.state, 'completing')))
}

export type Answer = Pick<UploadRow, 'adId' | 'duplicate' | 'expiresAt'> & { readonly assetId: string }

/** False if somebody else finished or removed it meanwhile. */
export async function finishCompletion(tx: Tx, { id }: Allowed<UploadRow>, answer: Answer): Promise<boolean> {
  const { uploads } = tx.tables
  const rows = await tx
    .update(uploads)
    .set({ state: 'done', ...answer })
    .where(and(eq(uploads.id, id), eq(uploads.state, 'completing')))
    .returning({ id: uploads.id })
  return rows.length > 0
}

export async function removeUpload(tx: Tx, { id }: Allowed<UploadRow>): Promise<void> {
  const { uploads } = tx.tables
  await tx.delete(uploads).where(eq(uploads.id, id))
}

/** Removes the row unless the upload is done, and says whether it is. */
export async function removeUnfinished(tx: Tx, { tenantId, id }: Pick<UploadRow, 'tenantId' | 'id'>): Promise<boolean> {
  const { uploads } = tx.tables
  const mine = and(eq(uploads.tenantId, tenantId), eq(uploads.id, id))
  await tx.delete(uploads).where(and(mine, ne(uploads.state, 'done')))
  return (await tx.$count(uploads, mine)) > 0
}

/** Uploads of every tenant whose time is over, those done among them. */
export function findExpired(read: Read, now: Date, limit: number): Promise<UploadRow[]> {
  const { uploads } = read.tables
  return read.select().from(uploads).where(lt(uploads.expiresAt, now)).limit(limit)
}

/** Removes rows that are still expired. Gives those removed. */
export function removeExpired(tx: Tx, ids: readonly string[], now: Date): Promise<UploadRow[]> {
  const { uploads } = tx.tables
  return tx
    .delete(uploads)
    .where(and(inArray(uploads.id, [...ids]), lt(uploads.expiresAt, now)))
    .returning()
}

/** Those of the ids whose upload is not done: its bytes may have no other row yet. */
export async function findUnfinishedIds(read: Read, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  const { uploads } = read.tables
  const rows = await read
    .select({ id: uploads.id })
    .from(uploads)
    .where(and(inArray(uploads.id, [...ids]), ne(uploads.state, 'done')))
  return new Set(rows.map((row) => row.id))
}

/** Those of the storage's names of uploads that a row knows. */
export async function findStorageIds(read: Read, storageIds: readonly string[]): Promise<Set<string>> {
  if (storageIds.length === 0) return new Set()
  const { uploads } = read.tables
  const rows = await read
    .select({ storageId: uploads.storageId })
    .from(uploads)
    .where(inArray(uploads.storageId, [...storageIds]))
  return new Set(rows.map((row) => row.storageId))
}
