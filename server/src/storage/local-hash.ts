import { createHash, type Hash } from 'node:crypto'
import { BoundedMap } from '../lib/bounded-map.ts'
import type { LocalFile, LocalFs } from './local-files.ts'
import type { StorageUpload } from './storage.ts'

const readBytes = 512 * 1024
const keptBuffers = 4
/** So many uploads are followed at once; one that is forgotten is read as a whole when it is complete. */
const maxFollowed = 1000
const maxMoved = 100

/** Hashes of files. Those of uploads are taken while the parts arrive, so that little is left to do in the end. */
export type Hashes = {
  /** The bytes of a part are about to change. */
  changing(upload: StorageUpload, part: number): void
  /** A part is there whole, in the file `data`. */
  arrived(upload: StorageUpload, part: number, data: string): void
  /** The upload is complete, and its file now at `path`. */
  moved(upload: StorageUpload, path: string): Promise<void>
  forget(upload: StorageUpload): Promise<void>
  /** SHA-256 of a file. */
  sha256(path: string): Promise<string>
}

export function makeHashes(fs: LocalFs): Hashes {
  const followed = new BoundedMap<string, Follower>(maxFollowed)
  const moved = new BoundedMap<string, { readonly stamp: string; readonly follower: Follower }>(maxMoved)
  const forget = async ({ storageId }: StorageUpload) => {
    const follower = followed.get(storageId)
    followed.delete(storageId)
    await follower?.stop()
    return follower
  }
  return {
    changing: ({ storageId }, part) => followed.get(storageId)?.changing(part),
    arrived(upload, part, data) {
      const follower = followed.get(upload.storageId) ?? follow(upload, () => fs.open(data, 'r'))
      followed.set(upload.storageId, follower)
      follower.arrived(part)
    },
    async moved(upload, path) {
      const follower = await forget(upload)
      if (follower) moved.set(path, { follower, stamp: stampOf(await fs.stat(path)) })
    },
    forget: async (upload) => void (await forget(upload)),
    async sha256(path) {
      const file = await fs.open(path, 'r')
      try {
        const known = moved.get(path)
        const isSame = known?.stamp === stampOf(await file.stat())
        return await (known && isSame ? known.follower.finish(file) : hashRest(file, nothing()))
      } finally {
        await file.close()
      }
    },
  }
}

/** Another file under the same name has another one. */
function stampOf({ ino, size, mtimeMs }: { ino: number; size: number; mtimeMs: number }): string {
  return `${ino} ${size} ${mtimeMs}`
}

type Follower = {
  changing(part: number): void
  arrived(part: number): void
  /** Ends the reading of what arrived. */
  stop(): Promise<void>
  /** Reads what is left; for one that was stopped. */
  finish(file: LocalFile): Promise<string>
}
/** The hash of a file's first `at` bytes. */
type Prefix = { readonly hash: Hash; at: number }

function nothing(): Prefix {
  return { hash: createHash('sha256'), at: 0 }
}

/** Hashes the parts that are there without a gap from the start. A part that is sent again makes it begin anew. */
function follow({ size, partSize }: StorageUpload, open: () => Promise<LocalFile>): Follower {
  const there = new Set<number>()
  let prefix = nothing()
  let [work, stopped]: [Promise<void>, boolean] = [Promise.resolve(), false]
  let finished: Promise<string> | null = null
  /** Where the first gap begins. */
  const until = () => {
    let part = Math.floor(prefix.at / partSize)
    while (there.has(part + 1)) part++
    return Math.min(part * partSize, size)
  }
  const goOn = (mine: Prefix) => !stopped && mine === prefix && mine.at < until()
  const catchUp = async () => {
    const mine = prefix
    if (!goOn(mine)) return
    const file = await open()
    try {
      while (goOn(mine)) await hashNext(file, mine, until())
    } finally {
      await file.close()
    }
  }
  return {
    changing(part) {
      if (there.delete(part)) prefix = nothing()
    },
    arrived(part) {
      there.add(part)
      // What could not be read now is read in the end, where a failure is told.
      work = work.then(catchUp).catch(() => {})
    },
    async stop() {
      stopped = true
      await work
    },
    finish(file) {
      finished ??= hashRest(file, prefix).catch((error) => {
        finished = null
        throw error
      })
      return finished
    },
  }
}

/** The hash of the whole file of which `prefix` has the beginning. */
async function hashRest(file: LocalFile, prefix: Prefix): Promise<string> {
  while ((await hashNext(file, prefix, Number.POSITIVE_INFINITY)) > 0);
  return prefix.hash.digest('hex')
}

const buffers: Buffer[] = []

/** Adds the next piece, which ends before `until`; gives its length, 0 at the end of the file. */
async function hashNext(file: LocalFile, prefix: Prefix, until: number): Promise<number> {
  const buffer = buffers.pop() ?? Buffer.allocUnsafeSlow(readBytes)
  const { bytesRead } = await file.read(buffer, 0, Math.min(readBytes, until - prefix.at), prefix.at)
  prefix.hash.update(buffer.subarray(0, bytesRead))
  prefix.at += bytesRead
  if (buffers.length < keptBuffers) buffers.push(buffer)
  return bytesRead
}
