import type { Deps } from '../../deps.ts'
import type { Storage } from '../../storage/storage.ts'

/**
 * Does what a use case does, with the same checks, and takes it all back: its writes are one transaction that is rolled
 * back at the end, in which its later reads see them; the storage is read only. Gives what it gave.
 *
 * What an answer names of things that it made (ids, revisions) is of no use afterwards.
 */
export async function rehearse<T>(deps: Deps, work: (deps: Deps) => Promise<T>): Promise<T> {
  const takeBack = new Error('This was a rehearsal')
  const results: T[] = []
  try {
    await deps.db.write(async (tx) => {
      // On Postgres a write may be tried again.
      results.length = 0
      const db = { ...deps.db, read: tx, write: <R>(change: (inside: typeof tx) => Promise<R>) => change(tx) }
      results.push(await work({ ...deps, db, storage: readOnly(deps.storage) }))
      throw takeBack
    })
  } catch (error) {
    if (error !== takeBack) throw error
  }
  // Written right before the one throw that leads here.
  return results[0] as T
}

/** Only the verbs that use cases worth a rehearsal need: what is not here must not be reached. */
function readOnly(storage: Storage): Storage {
  const refuse = () => Promise.reject(new Error('A rehearsal must not change the storage in this way'))
  return {
    ...storage,
    put: refuse,
    copy: refuse,
    putPart: refuse,
    completeUpload: refuse,
    remove: async () => {},
    abortUpload: async () => {},
    createUpload: async (key, { size }) => ({
      key,
      size,
      storageId: 'rehearsed',
      partSize: storage.partSizeFor(size),
    }),
  }
}
