import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { ByteStream, Storage } from '../../storage/storage.ts'

/** An object that a row names. */
export type Wanted = { readonly key: string; readonly sha256: string | null; readonly size: number | null }
export type Found = { readonly wanted: Wanted } & (
  | { readonly bytes: Uint8Array }
  | { readonly size: number; readonly body: ByteStream }
  | { readonly missing: true }
)

/** Below this, objects are read whole; above, they are streams. */
const smallBytes = 1024 * 1024
const ahead = 16

/** The objects in order, some of them fetched ahead: for many small ones, the way to a bucket is what takes time. */
export async function* readMedia(storage: Storage, all: Iterable<Wanted>): AsyncGenerator<Found> {
  const queue: Promise<Found>[] = []
  // A disk of this machine is read by calls that wait: four turns through the thread pool cost more than a small file.
  const [depth, fetch] = storage.file
    ? [1, fromDisk(storage, storage.file)]
    : [ahead, (one: Wanted) => fromStore(storage, one)]
  for (const wanted of all) {
    const next = fetch(wanted)
    next.catch(() => undefined)
    queue.push(next)
    if (queue.length < depth) continue
    const first = queue.shift()
    if (first) yield await first
  }
  for (const rest of queue) yield await rest
}

async function fromStore(storage: Storage, wanted: Wanted): Promise<Found> {
  const found = await storage.get(wanted.key)
  if (!found) return { wanted, missing: true }
  const { info, body } = found
  if (info.size > smallBytes) return { wanted, size: info.size, body }
  return { wanted, bytes: new Uint8Array(await new Response(body).arrayBuffer()) }
}

function fromDisk(storage: Storage, pathOf: (key: string) => string): (wanted: Wanted) => Promise<Found> {
  return async (wanted) => {
    const bytes = readSmall(pathOf(wanted.key))
    if (bytes === 'missing') return { wanted, missing: true }
    return bytes === 'large' ? fromStore(storage, wanted) : { wanted, bytes }
  }
}

function readSmall(path: string): Uint8Array | 'missing' | 'large' {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'missing'
    throw error
  }
  try {
    const { size } = fstatSync(file)
    if (size > smallBytes) return 'large'
    const bytes = Buffer.allocUnsafe(size)
    for (let done = 0; done < size; ) {
      const read = readSync(file, bytes, done, size - done, done)
      if (read === 0) return bytes.subarray(0, done)
      done += read
    }
    return bytes
  } finally {
    closeSync(file)
  }
}
