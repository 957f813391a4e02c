import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type HttpClient, makeHttpClient } from '../http-client.ts'
import { type Program, startProgram } from '../program.ts'
import { uploadPicture } from '../runtime.contract.ts'

const MB = 1024 * 1024
/** Only root may mount; elsewhere these tests are reported as skipped. */
const canMount = process.getuid?.() === 0

describe.runIf(canMount)('a full disk (a small tmpfs)', () => {
  const folder = canMount ? mkdtempSync(join(tmpdir(), 'marquee-full-')) : ''
  let program: Program
  let owner: HttpClient
  const fill = (leave: number) => {
    const { bavail, bsize } = statfsSync(folder)
    writeFileSync(join(folder, 'filler'), new Uint8Array(Math.max(0, bavail * bsize - leave)))
  }
  beforeAll(async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=160m', 'tmpfs', folder])
    program = await startProgram({ dataDir: join(folder, 'data') })
    owner = makeHttpClient(program.url)
    const person = {
      name: 'F',
      email: 'f@example.com',
      password: 'correct horse battery',
      tenantName: 'Full',
      timeZone: 'UTC',
    }
    await owner.trpc.accounts.setUp.mutate({ ...person, token: program.setUpToken ?? '' })
  }, 60_000)
  afterAll(async () => {
    await program?.[Symbol.asyncDispose]()
    execFileSync('umount', ['-l', folder])
    rmSync(folder, { recursive: true, force: true })
  })

  it('refuses an upload that will not fit before a byte is sent', async () => {
    const refused = owner.trpc.uploads.create.mutate({ fileName: 'big.mp4', size: 150 * MB })
    await expect(refused).rejects.toMatchObject({ data: { code: 'storage-full', httpStatus: expect.any(Number) } })
  })

  it('answers a part that no longer fits with a sentence, and takes it when there is room again', async () => {
    const { asset } = await uploadPicture(owner, 'before.png')
    const upload = await owner.trpc.uploads.create.mutate({ fileName: 'later.mp4', size: 20 * MB })
    const [part] = (await owner.trpc.uploads.sign.mutate({ id: upload.id, parts: [1] })).parts
    const size = Math.min(upload.partSize, 20 * MB)
    fill(MB)
    const answer = await fetch(part?.url ?? '', { method: 'PUT', body: new Uint8Array(size) })
    expect(answer.status).toBe(507)
    expect(await answer.json()).toMatchObject({ code: 'storage-full', title: expect.stringMatching(/full|free/i) })

    expect((await fetch(asset.url)).status).toBe(200)
    expect((await owner.trpc.ads.list.query({})).items.length).toBe(1)

    rmSync(join(folder, 'filler'))
    expect((await fetch(part?.url ?? '', { method: 'PUT', body: new Uint8Array(size) })).ok).toBe(true)
  })

  it('refuses changes with a sentence while the database can not grow, and loses nothing', async () => {
    const before = await owner.trpc.ads.list.query({})
    fill(0)
    const refusals: string[] = []
    for (let n = 0; n < 300 && refusals.length === 0; n++) {
      await owner.trpc.tenants.update
        .mutate({ name: `Full ${n} ${'x'.repeat(60)}` })
        .catch((error) => refusals.push(error.data?.code ?? String(error)))
    }
    expect(refusals).toEqual(['storage-full'])
    expect((await owner.trpc.ads.list.query({})).items.map((ad) => ad.id)).toEqual(before.items.map((ad) => ad.id))
    rmSync(join(folder, 'filler'))
    await owner.trpc.tenants.update.mutate({ name: 'Room again' })
    expect((await owner.trpc.tenants.current.query()).name).toBe('Room again')
  })
})
