import { maxBytes, mediaTypes, type UploadCategory } from '@marquee/shared/media.ts'
import { type createUpload as createInput, uploadLifetimeMs } from '@marquee/shared/uploads.ts'
import type { z } from 'zod'
import type { Actor } from '../../access.ts'
import type { UploadRow } from '../../db/rows.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { unknownExtension } from '../../storage/key.ts'
import type { StorageUpload } from '../../storage/storage.ts'
import { actorId } from '../activity/activity.usecases.ts'

const MB = 1024 * 1024
/** So much stays free, that the database can go on writing. */
const reserveBytes = 64 * MB
const extensions: ReadonlySet<string> = new Set(Object.values(mediaTypes).map((type) => type.extension))

/** The row of an upload that begins. */
export function newRow(
  deps: Deps,
  actor: Actor,
  { stored, ...input }: z.output<typeof createInput> & { id: string; stored: StorageUpload },
): UploadRow {
  const now = deps.clock.now()
  return {
    id: input.id,
    tenantId: actor.tenantId,
    category: input.category,
    fileName: input.fileName,
    size: input.size,
    fingerprint: input.fingerprint ?? null,
    sha256: input.sha256 ?? null,
    key: stored.key,
    storageId: stored.storageId,
    partSize: stored.partSize,
    state: 'open',
    assetId: null,
    adId: null,
    duplicate: false,
    createdBy: actorId(actor) ?? actor.name,
    createdAt: now,
    expiresAt: new Date(now.getTime() + uploadLifetimeMs),
  }
}

/** Which of a category's limits holds is known when the content is; here the largest does. */
export function ensureSize(size: number, category: UploadCategory): void {
  const most = Math.max(...Object.values(maxBytes[category]))
  if (size <= most) return
  throw new AppError('too-large', `The file has ${size} bytes; at most ${most / MB} MB are taken. Make it smaller`, {
    reason: 'too-large',
    detail: { size, maxBytes: most },
  })
}

export async function ensureRoom(deps: Deps, size: number): Promise<void> {
  const free = await deps.storage.freeBytes()
  if (free === null || free - reserveBytes >= size) return
  const needed = size - Math.max(0, free - reserveBytes)
  throw new AppError(
    'storage-full',
    `The server's disk has no room for this file; ${Math.ceil(needed / MB)} MB more are needed. Delete something or give it a larger disk`,
    {
      detail: { size, free: Math.max(0, free - reserveBytes) },
    },
  )
}

/** Only a guess, so that most objects have their right name from the start. */
export function extensionOf(fileName: string): string {
  const extension = /\.([a-z0-9]+)$/i.exec(fileName)?.[1]?.toLowerCase() ?? ''
  const known = extension === 'jpeg' ? 'jpg' : extension === 'm4v' ? 'mp4' : extension
  return extensions.has(known) ? known : unknownExtension
}
