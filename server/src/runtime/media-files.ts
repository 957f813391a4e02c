import { close, fstat, open, read } from 'node:fs'
import { promisify } from 'node:util'
import { infoOfFile } from '../storage/local.ts'
import type { StoredInfo } from '../storage/storage.ts'

/** An open file of an object. Objects never change, so what is known of it stays true. */
export type MediaFile = {
  readonly fd: number
  readonly info: StoredInfo
  /** All bytes of a small one, once they were read. */
  bytes: Buffer | null
  /** Answers that are reading it now. */
  uses: number
  usedAt: number
}
export type MediaFiles = {
  /** At once if the file is open already. Each one that is taken is to be given back. */
  take(key: string): MediaFile | Promise<MediaFile | null>
  giveBack(file: MediaFile): void
  close(): void
}

/** So long a file stays open for the next request; a deleted one is served no longer than this. */
const keepMs = 5_000
const maxOpen = 256
const maxSmallTotal = 8 * 1024 * 1024
export const smallBytes = 64 * 1024

const [openFile, statFile, closeFile] = [promisify(open), promisify(fstat), promisify(close)]

/** Keeps files open between requests, since a screen that plays a film asks for many ranges of it. */
export function openMediaFiles(pathOf: (key: string) => string): MediaFiles {
  const files = new Map<string, MediaFile | Promise<MediaFile | null>>()
  let small = 0
  const forget = async (key: string, file: MediaFile) => {
    files.delete(key)
    small -= file.bytes?.length ?? 0
    await closeFile(file.fd).catch(() => {})
  }
  const load = async (key: string): Promise<MediaFile | null> => {
    try {
      const fd = await openFile(pathOf(key), 'r')
      const info = infoOfFile(key, await statFile(fd))
      const bytes = info.size <= smallBytes && small < maxSmallTotal ? await readSmall(fd, info.size) : null
      small += bytes?.length ?? 0
      return { fd, info, bytes, uses: 0, usedAt: Date.now() }
    } catch {
      // The slow way says what is wrong.
      files.delete(key)
      return null
    }
  }
  const wait = async (key: string, known: Promise<MediaFile | null> | undefined) => {
    if (!known && files.size >= maxOpen) return null
    const loading = known ?? load(key)
    if (!known) files.set(key, loading)
    const file = await loading
    if (file) file.uses++
    if (file && files.get(key) === loading) files.set(key, file)
    return file
  }
  const sweep = async () => {
    const before = Date.now() - keepMs
    for (const [key, loading] of files) {
      const file = await loading
      if (file && file.uses === 0 && file.usedAt < before) await forget(key, file)
    }
  }
  const timer = setInterval(() => void sweep(), keepMs / 2)
  timer.unref()
  return {
    take(key) {
      const known = files.get(key)
      if (known && 'fd' in known) {
        known.uses++
        return known
      }
      return wait(key, known)
    },
    giveBack(file) {
      file.uses--
      file.usedAt = Date.now()
    },
    close() {
      clearInterval(timer)
      for (const [key, loading] of files) void Promise.resolve(loading).then((file) => file && forget(key, file))
    },
  }
}

async function readSmall(fd: number, size: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(size)
  const { bytesRead } = await promisify(read)(fd, bytes, 0, size, 0)
  if (bytesRead !== size) throw new Error('The file became shorter while it was read')
  return bytes
}
