import { randomFillSync } from 'node:crypto'
import { closeSync, copyFileSync, openSync, readSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { UploadSource } from '@marquee/shared/upload.ts'

const sample = join(import.meta.dirname, '../../examples/morning-coffee.mp4')
const MB = 1024 * 1024

/** Makes a film of exactly `size` bytes: a sample with a box behind it that players skip, full of bytes that don't compress. */
export function makeFilm(path: string, size: number): void {
  copyFileSync(sample, path)
  const file = openSync(path, 'a')
  const start = statSync(sample).size
  const head = Buffer.alloc(8)
  head.writeUInt32BE(size - start)
  head.write('free', 4)
  writeSync(file, head)
  const noise = randomFillSync(Buffer.alloc(MB))
  for (let left = size - start - head.length; left > 0; left -= MB) writeSync(file, noise, 0, Math.min(MB, left))
  closeSync(file)
}

/** The film as something to upload; its last bytes are `stamp`, so that no two rounds send the same bytes. */
export function openFilm(path: string, stamp: string): UploadSource & { close(): void } {
  const file = openSync(path, 'r')
  const { size } = statSync(path)
  const end = Buffer.from(stamp)
  const read = (into: Uint8Array<ArrayBuffer>, start: number) => {
    const length = readSync(file, into, 0, into.length, start)
    const at = size - end.length - start
    if (at >= 0 && at + end.length <= length) into.set(end, at)
    return length
  }
  return {
    size,
    name: 'film.mp4',
    slice: (start, until) => {
      const bytes = new Uint8Array(until - start)
      read(bytes, start)
      return bytes
    },
    read,
    close: () => closeSync(file),
  }
}
