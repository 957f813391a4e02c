import type { Storage } from './storage.ts'

/** The same storage, which tells of the bytes that it took. */
export function countBytes(storage: Storage, received: (bytes: number) => void): Storage {
  return {
    ...storage,
    async put(key, body, options) {
      const info = await storage.put(key, body, options)
      received(info.size)
      return info
    },
    async putPart(upload, part, body, options) {
      const stored = await storage.putPart(upload, part, body, options)
      received(stored.size)
      return stored
    },
  }
}
