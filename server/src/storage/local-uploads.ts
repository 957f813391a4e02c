import {
  createFolder,
  finishFolder,
  newUpload,
  type Room,
  readNotes,
  readParts,
  removeFolder,
  type Sending,
  writePart,
} from './local-parts.ts'
import { StorageError, type StorageUpload, type StoredPart } from './storage.ts'

type Running = {
  readonly parts: Map<number, { abort: AbortController; ended: Promise<void> }>
  completing: Promise<void> | null
}
export type UploadsFolder = {
  create(key: string, size: number, startedAt: Date): Promise<StorageUpload>
  put(sending: Sending): Promise<StoredPart>
  list(upload: StorageUpload): Promise<StoredPart[]>
  complete(upload: StorageUpload, path: string): Promise<void>
  abort(upload: StorageUpload): Promise<void>
  listAll(): Promise<{ key: string; storageId: string; startedAt: Date }[]>
}

/**
 * Uploads in parts in a folder: per upload one file of the whole size, into which each part is written at its place, and
 * an empty file per part that is there. A part's mark is made after its bytes are safe and removed before they are
 * written again, so whatever a crash leaves is true. Completing moves the file; nothing is copied.
 */
export function uploadsFolder(room: Room): UploadsFolder {
  const running = new Map<string, Running>()
  return {
    list: (upload) => readParts(room, upload),
    listAll: () => readNotes(room),
    async create(key, size, startedAt) {
      const upload = newUpload(key, size)
      await createFolder(room, upload, startedAt)
      return upload
    },
    put: (sending) =>
      track(running, sending, (own) =>
        writePart(room, { ...sending, signal: sending.signal ? AbortSignal.any([sending.signal, own]) : own }),
      ),
    async complete(upload, path) {
      const entry = entryOf(running, upload)
      if (entry.parts.size > 0) throw stillRunning()
      const work = (entry.completing ?? Promise.resolve()).then(() => finishFolder(room, upload, path))
      const mine = settled(work)
      entry.completing = mine
      await work.finally(() => entry.completing === mine && running.delete(upload.storageId))
    },
    async abort(upload) {
      const entry = running.get(upload.storageId)
      const parts = [...(entry?.parts.values() ?? [])]
      for (const part of parts) part.abort.abort()
      await Promise.all([...parts.map((part) => part.ended), entry?.completing])
      await removeFolder(room, upload)
    },
  }
}

/** One writer per part: a part that is sent again breaks off the sending before, which is most often a dead connection. */
async function track<T>(
  running: Map<string, Running>,
  { upload, part }: Pick<Sending, 'upload' | 'part'>,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const entry = entryOf(running, upload)
  if (entry.completing) throw new StorageError('not-found', 'The upload is complete and takes no more parts')
  const before = entry.parts.get(part)
  const abort = new AbortController()
  const result = (before?.ended ?? Promise.resolve()).then(() => work(abort.signal))
  const mine = { abort, ended: settled(result) }
  entry.parts.set(part, mine)
  before?.abort.abort()
  try {
    return await result
  } finally {
    if (entry.parts.get(part) === mine) entry.parts.delete(part)
    if (entry.parts.size === 0 && !entry.completing) running.delete(upload.storageId)
  }
}

function entryOf(running: Map<string, Running>, upload: StorageUpload): Running {
  const entry = running.get(upload.storageId) ?? { parts: new Map(), completing: null }
  running.set(upload.storageId, entry)
  return entry
}

function settled(work: Promise<unknown>): Promise<void> {
  return work.then(
    () => {},
    () => {},
  )
}

function stillRunning(): StorageError {
  return new StorageError('parts-missing', 'A part is still on its way. Complete the upload when it has arrived', {
    retry: true,
  })
}
