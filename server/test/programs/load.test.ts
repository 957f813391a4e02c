import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type HttpClient, makeHttpClient } from '../http-client.ts'
import { type Program, startProgram, waitFor } from '../program.ts'

const MB = 1024 * 1024
let program: Program
let owner: HttpClient

beforeAll(async () => {
  program = await startProgram()
  owner = makeHttpClient(program.url)
  const person = {
    name: 'L',
    email: 'l@example.com',
    password: 'correct horse battery',
    tenantName: 'Load',
    timeZone: 'UTC',
  }
  await owner.trpc.accounts.setUp.mutate({ ...person, token: program.setUpToken ?? '' })
}, 60_000)
afterAll(() => program?.[Symbol.asyncDispose]())

/** Resident memory of the server in bytes. */
function memory(): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${program.pid}/status`, 'utf8'))?.[1]) * 1024
}

function openSocket(): Promise<Socket> {
  const { hostname, port } = new URL(program.url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => resolve(socket))
    socket.on('error', reject)
  })
}

it('goes on serving with 10,000 idle connections, and cuts those that never send a request', async () => {
  const sockets: Socket[] = []
  let cut = 0
  for (let n = 0; n < 10_000; n += 500) {
    const opened = await Promise.all(Array.from({ length: 500 }, openSocket))
    for (const socket of opened) {
      socket.on('close', () => {
        cut++
      })
      socket.on('error', () => undefined)
      socket.resume()
    }
    sockets.push(...opened)
  }
  expect((await owner.trpc.ads.list.query({})).items).toEqual([])
  expect((await fetch(`${program.url}/healthz`)).status).toBe(200)
  await waitFor(() => (cut === sockets.length ? true : null), 60_000)
}, 120_000)

it('holds little for a reader that reads slowly, and lets others pass', async () => {
  const { asset } = await uploadBig(60 * MB)
  const before = memory()
  const { hostname, port, pathname, search } = new URL(asset.url)
  const slow = await Promise.all(
    Array.from({ length: 10 }, async () => {
      const socket = await openSocket()
      socket.pause()
      socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`)
      return socket
    }),
  )
  // Others are served while ten downloads stand still.
  for (let n = 0; n < 20; n++) expect((await fetch(`${program.url}/healthz`)).status).toBe(200)
  expect((memory() - before) / MB).toBeLessThan(100)
  for (const socket of slow) socket.destroy()
})

it('keeps nothing of a part whose sender trickles and goes away', async () => {
  const upload = await owner.trpc.uploads.create.mutate({ fileName: 'slow.mp4', size: 3 * MB })
  const [part] = (await owner.trpc.uploads.sign.mutate({ id: upload.id, parts: [1] })).parts
  const { hostname, port, pathname, search } = new URL(part?.url ?? '')
  const socket = await openSocket()
  socket.write(`PUT ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Length: ${3 * MB}\r\n\r\n`)
  for (let n = 0; n < 5; n++) {
    await new Promise<void>((resolve) => socket.write(new Uint8Array(1_000), () => resolve()))
    expect((await fetch(`${program.url}/healthz`)).status).toBe(200)
  }
  socket.destroy()
  expect((await owner.trpc.uploads.get.query({ id: upload.id })).arrived).toEqual([])
  const again = await fetch(part?.url ?? '', { method: 'PUT', body: new Uint8Array(Math.min(upload.partSize, 3 * MB)) })
  expect(again.ok).toBe(true)
})

/** A BMP-like weight in a PNG: noise does not compress, so the file is as large as asked. */
async function uploadBig(bytes: number) {
  const { default: sharp } = await import('sharp')
  const { uploadFile } = await import('@marquee/shared/upload.ts')
  const [width, height] = [4_000, Math.ceil(bytes / 12_000)]
  const raw = new Uint8Array(width * height * 3)
  for (let at = 0; at < raw.length; at += 65_536) crypto.getRandomValues(raw.subarray(at, at + 65_536))
  const png = await sharp(raw, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 0 })
    .toBuffer()
  return uploadFile({ api: owner.trpc.uploads, source: new File([new Uint8Array(png)], 'big.png') }).done
}
