// Uploads every film and picture of a folder as ads. What was sent before an interruption is not sent again.
//
//   MARQUEE_URL=http://127.0.0.1:12393 MARQUEE_KEY=mq_… node examples/upload.ts FOLDER
//
// Deno runs it unchanged: deno run --allow-env --allow-net --allow-read examples/upload.ts FOLDER
import { type FileHandle, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { createTRPCClient, httpLink } from '@trpc/client'
import type { AppRouter } from '../server/src/router.ts'
import { type UploadProgress, type UploadSource, uploadFile } from '../shared/src/upload.ts'

const [folder] = process.argv.slice(2)
const { MARQUEE_URL: url = 'http://127.0.0.1:12393', MARQUEE_KEY: key } = process.env
if (!folder || !key) {
  console.error('Usage: MARQUEE_KEY=mq_… node examples/upload.ts FOLDER')
  process.exit(2)
}

const client = createTRPCClient<AppRouter>({
  links: [httpLink({ url: `${url}/trpc`, headers: { authorization: `Bearer ${key}` } })],
})

let failed = 0
for (const name of await filesOf(folder)) {
  const file = await open(join(folder, name))
  const bar = progressBar(name)
  try {
    const { ad, duplicate } = await uploadFile({
      api: client.uploads,
      source: await sourceOf(file, name),
      completion: () => ({ ad: {} }),
      onProgress: bar.show,
    }).done
    bar.end(duplicate ? `"${ad?.title}" uses bytes that were there already` : `is the ad "${ad?.title}"`)
  } catch (error) {
    failed++
    bar.end(error instanceof Error ? error.message : String(error))
  } finally {
    await file.close()
  }
}
process.exitCode = failed > 0 ? 1 : 0

async function filesOf(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort()
}

/** A file that is read piece by piece, so that one of any size needs little memory. */
async function sourceOf(file: FileHandle, name: string): Promise<UploadSource> {
  const { size, mtimeMs } = await file.stat()
  const read = async (into: Uint8Array<ArrayBuffer>, start: number) =>
    (await file.read(into, 0, into.length, start)).bytesRead
  return {
    name,
    size,
    lastModified: Math.round(mtimeMs),
    async slice(start, end) {
      const bytes = new Uint8Array(end - start)
      return bytes.subarray(0, await read(bytes, start))
    },
    read,
  }
}

/** A bar that moves on a terminal; one plain line for each file else. */
function progressBar(name: string) {
  const onTerminal = process.stdout.isTTY
  return {
    show({ state, sentBytes, totalBytes, bytesPerSecond, secondsLeft }: UploadProgress) {
      if (!onTerminal) return
      const share = totalBytes > 0 ? sentBytes / totalBytes : 1
      const bar = '█'.repeat(Math.round(share * 20)).padEnd(20, '░')
      const rate = state === 'sending' ? `${(bytesPerSecond / 1e6).toFixed(1)} MB/s` : state
      const left = secondsLeft === null ? '' : `, ${secondsLeft} s left`
      process.stdout.write(`\r\x1b[K${bar} ${Math.round(share * 100)} %  ${name}  ${rate}${left}`)
    },
    end(text: string) {
      process.stdout.write(`${onTerminal ? '\r\x1b[K' : ''}${name}: ${text}\n`)
    },
  }
}
