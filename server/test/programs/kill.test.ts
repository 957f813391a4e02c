import { createHash, randomInt } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { uploadFile } from '@marquee/shared/upload.ts'
import Database from 'better-sqlite3'
import sharp from 'sharp'
import { expect, it } from 'vitest'
import { type HttpClient, makeHttpClient } from '../http-client.ts'
import { newDataDir, type Program, startProgram } from '../program.ts'

const kills = 50

/** A noisy picture of about 260 kB, which no other call made. */
async function makePicture(): Promise<Uint8Array<ArrayBuffer>> {
  const [width, height] = [320, 270]
  const raw = new Uint8Array(width * height * 3)
  for (let at = 0; at < raw.length; at += 65_536) crypto.getRandomValues(raw.subarray(at, at + 65_536))
  return new Uint8Array(
    await sharp(raw, { raw: { width, height, channels: 3 } })
      .png({ compressionLevel: 0 })
      .toBuffer(),
  )
}

type Ledger = { readonly acknowledged: Map<string, string>; readonly removed: Set<string> }

/** Uploads and deletes until the server dies; notes only what the server acknowledged. */
async function work({ trpc }: HttpClient, ledger: Ledger, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const bytes = await makePicture()
      const upload = uploadFile({
        api: trpc.uploads,
        source: new File([bytes], 'noise.png'),
        completion: () => ({ ad: {} }),
        signal,
      })
      const { ad } = await upload.done
      if (ad) ledger.acknowledged.set(ad.id, createHash('sha256').update(bytes).digest('hex'))
      if (randomInt(3) === 0) {
        const [oldest] = [...ledger.acknowledged.keys()].filter((id) => !ledger.removed.has(id))
        if (oldest) {
          // From here on it may be gone, whether or not the answer comes.
          ledger.removed.add(oldest)
          await trpc.ads.remove.mutate({ ids: [oldest] })
        }
      }
    } catch (error) {
      // The server was killed under it; anything else is a failure of the test.
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
      if (!signal.aborted) throw error
    }
  }
}

/** No row without its bytes, whole; no acknowledged upload lost. */
async function check(dataDir: string, client: HttpClient, ledger: Ledger): Promise<void> {
  const database = new Database(join(dataDir, 'marquee.db'), { readonly: true })
  const rows = database.prepare('SELECT key, size FROM assets').all() as { key: string; size: number }[]
  const rowOf = database.prepare('SELECT key FROM assets WHERE key = ?')
  for (const { key, size } of rows) {
    const found = statSync(join(dataDir, 'media/objects', key), { throwIfNoEntry: false })
    // The running server may purge a removed ad just now: its row goes first, then the bytes.
    if (found) expect(found.size).toBe(size)
    else expect(rowOf.get(key), `a row without bytes: ${key}`).toBeUndefined()
  }
  database.close()
  const listed = new Set<string>()
  for (let cursor: string | null = null, first = true; first || cursor; first = false) {
    const page: Awaited<ReturnType<typeof client.trpc.ads.list.query>> = await client.trpc.ads.list.query({
      cursor,
      limit: 200,
    })
    for (const ad of page.items) listed.add(`${ad.id} ${ad.asset.sha256}`)
    cursor = page.nextCursor
  }
  for (const [id, sha256] of ledger.acknowledged) {
    if (!ledger.removed.has(id)) expect(listed, `acknowledged ad ${id}`).toContain(`${id} ${sha256}`)
  }
}

it(`loses no acknowledged upload and leaves no row without bytes over ${kills} kills at random moments`, async () => {
  const dataDir = newDataDir()
  const ledger: Ledger = { acknowledged: new Map(), removed: new Set() }
  let program: Program = await startProgram({ dataDir })
  const { jar, trpc } = makeHttpClient(program.url)
  const person = {
    name: 'K',
    email: 'k@example.com',
    password: 'correct horse battery',
    tenantName: 'Kill',
    timeZone: 'UTC',
  }
  await trpc.accounts.setUp.mutate({ ...person, token: program.setUpToken ?? '' })
  for (let kill = 0; kill < kills; kill++) {
    const stop = new AbortController()
    const client = makeHttpClient(program.url, { jar })
    const workers = [work(client, ledger, stop.signal), work(client, ledger, stop.signal)]
    // The moment is what is random here; nothing waits for a condition.
    await new Promise((resolve) => setTimeout(resolve, randomInt(50, 2_000)))
    await program.stop('SIGKILL')
    stop.abort()
    await Promise.all(workers)
    program = await startProgram({ dataDir })
    await check(dataDir, makeHttpClient(program.url, { jar }), ledger)
  }
  expect(ledger.acknowledged.size).toBeGreaterThan(10)
  await verifyBytes(makeHttpClient(program.url, { jar }))
  await program.stop()
}, 600_000)

/** What is served at the end has the hash that its row says. */
async function verifyBytes({ trpc }: HttpClient): Promise<void> {
  const { items } = await trpc.ads.list.query({ limit: 50 })
  expect(items.length).toBeGreaterThan(0)
  for (const { asset } of items) {
    const bytes = new Uint8Array(await (await fetch(asset.url)).arrayBuffer())
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(asset.sha256)
  }
}
