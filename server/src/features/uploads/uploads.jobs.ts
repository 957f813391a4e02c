import type { Deps } from '../../deps.ts'
import { parseKey } from '../../storage/key.ts'
import { knownMedia } from '../media/media.usecases.ts'
import { findExpired, findStorageIds, findUnfinishedIds, removeExpired } from './uploads.queries.ts'
import { toStored } from './uploads.row.usecases.ts'

const hourMs = 60 * 60 * 1000
const pageSize = 500

/** Sweeps that keep the storage free of what nobody will ask for. Each may run twice, and be broken off anywhere. */
export function registerUploadJobs(deps: Deps): void {
  deps.jobs.every('uploads.sweep', hourMs, (_, signal) => sweepUploads(deps, signal))
  deps.jobs.every('media.sweep', 6 * hourMs, (_, signal) => sweepBytes(deps, signal))
}

/** Uploads whose time is over: the row, then the parts. Of those done only the answer goes. */
export async function sweepUploads(deps: Deps, signal?: AbortSignal): Promise<void> {
  for (;;) {
    signal?.throwIfAborted()
    const now = deps.clock.now()
    const expired = await findExpired(deps.db.read, now, pageSize)
    const ids = expired.map((row) => row.id)
    const removed = ids.length === 0 ? [] : await deps.db.write((tx) => removeExpired(tx, ids, now))
    for (const row of removed) if (row.state !== 'done') await deps.storage.abortUpload(toStored(row))
    if (removed.length === 0) break
  }
  await sweepParts(deps, signal)
}

/** Parts that no row knows, from a crash between the storage and the row. */
async function sweepParts(deps: Deps, signal?: AbortSignal): Promise<void> {
  const before = deps.clock.now().getTime() - hourMs
  const old = (await deps.storage.listUploads()).filter((upload) => upload.startedAt.getTime() < before)
  const known = await findStorageIds(
    deps.db.read,
    old.map((upload) => upload.storageId),
  )
  for (const { key, storageId } of old) {
    signal?.throwIfAborted()
    if (!known.has(storageId)) await deps.storage.abortUpload({ key, storageId, size: 1, partSize: 1 })
  }
}

/** Objects older than an hour that no row names: what a crash left between bytes and row, or between row and bytes. */
export async function sweepBytes(deps: Deps, signal?: AbortSignal): Promise<void> {
  let cursor: string | undefined
  do {
    signal?.throwIfAborted()
    const page = await deps.storage.list('', { limit: pageSize, ...(cursor !== undefined && { cursor }) })
    const before = deps.clock.now().getTime() - hourMs
    const old = page.items.filter((item) => item.modifiedAt.getTime() < before).map((item) => item.key)
    const ids = old.map(idOfKey)
    const [media, uploads] = await Promise.all([knownMedia(deps, old), findUnfinishedIds(deps.db.read, ids)])
    await deps.storage.remove(old.filter((key) => !media.has(key) && !uploads.has(idOfKey(key))))
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
}

/** Everything that an upload makes has its id in the key. */
function idOfKey(key: string): string {
  return parseKey(key).id
}
