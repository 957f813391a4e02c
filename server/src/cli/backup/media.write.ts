import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { ReadableStream } from 'node:stream/web'
import { onePer } from '../../lib/one-per.ts'
import type { Storage } from '../../storage/storage.ts'

type StoredObject = { readonly size: number; readonly body: AsyncIterable<Uint8Array> }
type MediaWriter = { write(key: string, object: StoredObject): Promise<void> }

/**
 * Writes objects of a backup. Files of this machine are written straight and synced together at the end: nobody looks at
 * them before, and a sync for each would take minutes.
 */
export const mediaWriter = onePer((storage: Storage): MediaWriter => {
  const { file } = storage
  const made = new Set<string>()
  const makeFolder = (folder: string) => {
    if (!made.has(folder)) mkdirSync(folder, { recursive: true })
    made.add(folder)
  }
  if (!file) return { write: (key, object) => put(storage, key, object) }
  return {
    write(key, object) {
      const path = file(key)
      makeFolder(dirname(path))
      return writeFile(path, object)
    },
  }
})

async function writeFile(path: string, { body }: StoredObject): Promise<void> {
  const file = openSync(path, 'wx')
  try {
    for await (const piece of body) for (let done = 0; done < piece.byteLength; ) done += writeSync(file, piece, done)
  } finally {
    closeSync(file)
  }
}

async function put(storage: Storage, key: string, { size, body }: StoredObject): Promise<void> {
  // `ReadableStream.from` takes what gives pieces; its type does not know that these are plain buffers.
  const stream = ReadableStream.from(body) as unknown as Parameters<Storage['put']>[1]
  await storage.put(key, stream, { size, maxBytes: size })
}
