import {
  type createUpload as createInput,
  type listUploads as listInput,
  type signParts as signInput,
  type UploadState,
  uploadLifetimeMs,
} from '@marquee/shared/uploads.ts'
import type { z } from 'zod'
import { type Actor, allow } from '../../access.ts'
import type { UploadRow } from '../../db/rows.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { absoluteUrl } from '../../lib/base-url.ts'
import { decodeCursor, encodeCursor } from '../../lib/cursor.ts'
import { newId } from '../../lib/id.ts'
import { makeKey } from '../../storage/key.ts'
import { partCount, StorageError } from '../../storage/storage.ts'
import { actorId, recordActivity } from '../activity/activity.usecases.ts'
import { announce } from '../live/announce.usecases.ts'
import { ensureQuota, ensureQuotaLikely } from '../tenants/quota.usecases.ts'
import { ensureRoom, ensureSize, extensionOf, newRow } from './uploads.begin.usecases.ts'
import { addUpload, findUnfinished, removeUpload, setExpiry } from './uploads.queries.ts'
import { getRow, noMoreParts, toStored } from './uploads.row.usecases.ts'

export { completeUpload } from './uploads.complete.usecases.ts'

/** Begins an upload: the storage first, then the row, so that no row is without its place. */
export async function createUpload(
  deps: Deps,
  actor: Actor,
  input: z.output<typeof createInput>,
): Promise<UploadState> {
  ensureSize(input.size, input.category)
  await ensureRoom(deps, input.size)
  await ensureQuotaLikely(deps, { tenantId: actor.tenantId, kind: 'bytes', more: input.size })
  const id = newId()
  const key = makeKey({
    tenant: actor.tenantId,
    category: input.category,
    name: input.fileName,
    id,
    ext: extensionOf(input.fileName),
  })
  const stored = await deps.storage.createUpload(key, { size: input.size })
  const row = newRow(deps, actor, { ...input, id, stored })
  await deps.db.write(async (tx) => {
    await ensureQuota(deps, tx, { tenantId: actor.tenantId, kind: 'bytes', more: row.size })
    await addUpload(tx, allow(actor, 'ads:write', row))
    await recordActivity(deps, actor, {
      tx,
      action: 'upload.create',
      subject: { kind: 'upload', id, name: row.fileName },
    })
    await announce(deps, { tx, tenantId: actor.tenantId, kind: 'uploads.changed', subjectId: id, forScreens: false })
  })
  return toState(row, [])
}

export async function listUploads(deps: Deps, actor: Actor, input: z.output<typeof listInput>) {
  const before = input.cursor ? decodeCursor(input.cursor, ['string'])[0] : null
  const rows = await findUnfinished(deps.db.read, actor.tenantId, {
    before,
    limit: input.limit,
    createdBy: input.mine ? (actorId(actor) ?? actor.name) : null,
  })
  const shown = rows.slice(0, input.limit)
  const items = await Promise.all(shown.map(async (row) => toState(row, await arrivedParts(deps, row))))
  const last = shown.at(-1)
  return { items, nextCursor: last && rows.length > input.limit ? encodeCursor([last.id]) : null }
}

export async function getUpload(deps: Deps, actor: Actor, { id }: { id: string }): Promise<UploadState> {
  const row = await getRow(deps, actor, id)
  return toState(row, row.state === 'done' ? allParts(row) : await arrivedParts(deps, row))
}

/** Signs URLs for parts, and lets the upload live on: who asks for them is still sending. */
export async function signParts(deps: Deps, actor: Actor, input: z.output<typeof signInput>) {
  const row = await getRow(deps, actor, input.id)
  if (row.state !== 'open') throw noMoreParts(row)
  const count = partCount(row)
  const unknown = input.parts.find((part) => part > count)
  if (unknown !== undefined) {
    throw new AppError('bad-input', `The upload has no part ${unknown}; its parts are 1 to ${count}`, {
      reason: 'part-number',
      detail: { part: unknown, parts: count },
    })
  }
  await deps.db.write((tx) => setExpiry(tx, row, new Date(deps.clock.now().getTime() + uploadLifetimeMs)))
  const parts = await Promise.all(
    input.parts.map(async (part) => {
      const { url, expiresAt } = await deps.storage.signPart(toStored(row), part)
      return { part, url: absoluteUrl(deps, url), expiresAt: expiresAt.toISOString() }
    }),
  )
  return { parts }
}

/** Forgets an upload. The row goes first: bytes without a row are swept, a row without bytes would lie. */
export async function cancelUpload(deps: Deps, actor: Actor, { id }: { id: string }): Promise<{ id: string }> {
  const row = await getRow(deps, actor, id)
  if (row.state !== 'open')
    throw new AppError('conflict', `The upload "${row.fileName}" is complete. Delete what was made of it instead`)
  await deps.db.write(async (tx) => {
    await removeUpload(tx, row)
    await recordActivity(deps, actor, {
      tx,
      action: 'upload.cancel',
      subject: { kind: 'upload', id, name: row.fileName },
    })
    await announce(deps, { tx, tenantId: actor.tenantId, kind: 'uploads.changed', subjectId: id, forScreens: false })
  })
  await deps.storage.abortUpload(toStored(row))
  return { id }
}

function toState(row: UploadRow, arrived: readonly number[]): UploadState {
  const { id, fileName, size, category, fingerprint, partSize } = row
  const times = { expiresAt: row.expiresAt.toISOString(), createdAt: row.createdAt.toISOString() }
  return {
    id,
    fileName,
    size,
    category,
    fingerprint,
    partSize,
    partCount: partCount(row),
    arrived: [...arrived],
    ...times,
  }
}

async function arrivedParts(deps: Deps, row: UploadRow): Promise<number[]> {
  try {
    return (await deps.storage.listParts(toStored(row))).map((part) => part.part)
  } catch (error) {
    // The storage put the parts together already; the row waits for the rest of the completion.
    if (error instanceof StorageError && error.code === 'not-found') return row.state === 'open' ? [] : allParts(row)
    throw error
  }
}

function allParts(row: UploadRow): number[] {
  return Array.from({ length: partCount(row) }, (_, at) => at + 1)
}
