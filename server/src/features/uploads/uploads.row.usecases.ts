import { type Actor, type Allowed, allow } from '../../access.ts'
import type { UploadRow } from '../../db/rows.ts'
import type { Deps } from '../../deps.ts'
import { AppError, notFound } from '../../errors.ts'
import type { StorageUpload } from '../../storage/storage.ts'
import { findUpload } from './uploads.queries.ts'

/** The actor's own upload, with the right to change it. */
export async function getRow(deps: Deps, actor: Actor, id: string): Promise<Allowed<UploadRow>> {
  const row = await findUpload(deps.db.read, actor.tenantId, id)
  if (!row) throw notFound('upload', id)
  return allow(actor, 'ads:write', row)
}

export function toStored({ key, storageId, size, partSize }: UploadRow): StorageUpload {
  return { key, storageId, size, partSize }
}

export function noMoreParts(row: UploadRow): AppError {
  return new AppError('gone', `The upload "${row.fileName}" is complete and takes no more parts`)
}
