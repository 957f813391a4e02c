import { randomUUID } from 'node:crypto'
import { writeSync } from 'node:fs'
import process from 'node:process'
import { makeSecret } from '../../lib/secret.ts'
import { openLocalStorage } from '../local.ts'
import type { ByteStream } from '../storage.ts'

/** A program that stores without end, until it is killed. It says each key once that is stored for good. */
const storage = await openLocalStorage({ folder: process.argv[2] ?? '', signer: makeSecret('a secret for tests') })
const size = 100_000
writeSync(1, 'ready\n')

await Promise.all([1, 2, 3].map(work))

async function work(): Promise<void> {
  for (let round = 0; ; round++) {
    const key = `client_001/ads/film_${randomUUID()}.mp4`
    if (round % 2 === 0) await storage.put(key, body(round % 256), { maxBytes: size })
    else await inParts(key, round % 256)
    writeSync(1, `${key}\n`)
  }
}

async function inParts(key: string, fill: number): Promise<void> {
  const upload = await storage.createUpload(key, { size })
  await storage.putPart(upload, 1, body(fill))
  await storage.completeUpload(upload)
}

function body(fill: number): ByteStream {
  let left = 4
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(new Uint8Array(size / 4).fill(fill))
      if (--left === 0) controller.close()
    },
  })
}
