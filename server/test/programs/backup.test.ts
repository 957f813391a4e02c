import { execFile, execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type HttpClient, makeHttpClient } from '../http-client.ts'
import { marquee } from '../marquee.ts'
import { newDataDir, type Program, startProgram, waitFor } from '../program.ts'
import { uploadPicture } from '../runtime.contract.ts'

const scratch = mkdtempSync(join(tmpdir(), 'marquee-backup-'))
const canMount = process.getuid?.() === 0
const place = (dataDir: string) => ({ env: { MARQUEE_DATA_DIR: dataDir, MARQUEE_PORT: '0' } })
const person = {
  name: 'B',
  email: 'b@example.com',
  password: 'correct horse battery',
  tenantName: 'Backed up',
  timeZone: 'UTC',
}
let program: Program
let owner: HttpClient

beforeAll(async () => {
  program = await startProgram()
  owner = makeHttpClient(program.url)
  await owner.trpc.accounts.setUp.mutate({ ...person, token: program.setUpToken ?? '' })
}, 60_000)
afterAll(async () => {
  await program?.[Symbol.asyncDispose]()
  rmSync(scratch, { recursive: true, force: true })
})

/** Uploads, changes and deletes, one after another, until it is told to stop; gives the ads that were there all the time. */
function writeOn(client: HttpClient) {
  let stopped = false
  let rounds = 0
  const done = (async () => {
    for (; !stopped; rounds++) {
      const { ad } = await uploadPicture(client, `load-${rounds}.png`)
      await client.trpc.ads.update.mutate({ id: ad?.id ?? '', description: `Round ${rounds}` })
      if (rounds % 3 === 0) await client.trpc.ads.remove.mutate({ ids: [ad?.id ?? ''] })
    }
  })()
  return {
    rounds: () => rounds,
    async stop() {
      stopped = true
      await done
    },
  }
}

const hashOf = async (url: string) => {
  const answer = await fetch(url)
  expect(answer.status).toBe(200)
  return createHash('sha256')
    .update(new Uint8Array(await answer.arrayBuffer()))
    .digest('hex')
}

it('is taken from a server under writing load, and a server started on it has every row, every byte, and who was signed in', async () => {
  const kept = [await uploadPicture(owner, 'first.png'), await uploadPicture(owner, 'second.png')]
  const { secret: key } = await owner.trpc.keys.create.mutate({
    name: 'Till',
    scopes: ['ads:read'],
    purpose: 'script',
    expiresAt: null,
  })
  const load = writeOn(owner)
  await waitFor(() => (load.rounds() > 2 ? true : null))
  const file = join(scratch, 'marquee.tar')
  const before = load.rounds()
  expect(await marquee(place(program.dataDir), ['backup', file])).toMatchObject({ code: 0, stderr: '' })
  await waitFor(() => (load.rounds() > before ? true : null))
  await load.stop()

  const dataDir = newDataDir()
  const refused = await marquee(place(program.dataDir), ['restore', file])
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(`process ${program.pid}`) })
  expect(await marquee(place(dataDir), ['restore', file])).toMatchObject({ code: 0, stderr: '' })
  await using restored = await startProgram({ dataDir })
  const [signedIn, script] = [makeHttpClient(restored.url, { jar: owner.jar }), makeHttpClient(restored.url, { key })]
  expect((await signedIn.trpc.accounts.me.query()).user.email).toBe(person.email)
  const { items } = await script.trpc.ads.list.query({ limit: 100 })
  expect(items.length).toBeGreaterThan(kept.length)
  for (const { ad } of kept) expect(items.map(({ id }) => id)).toContain(ad?.id)
  for (const { asset } of items) {
    expect(await hashOf(asset.url)).toBe(asset.sha256)
    expect(await (await fetch(asset.posterUrl ?? '')).arrayBuffer()).toBeTruthy()
  }
  // A link that the first server signed opens the same bytes on the second.
  const old = new URL(kept[0]?.asset.url ?? '')
  expect(await hashOf(`${restored.url}${old.pathname}${old.search}`)).toBe(kept[0]?.asset.sha256)
})

it('goes into no folder in which a server was killed but something lies, and into one that a killed server left empty', async () => {
  const file = join(scratch, 'again.tar')
  await marquee(place(program.dataDir), ['backup', '--no-media', file])
  const dataDir = newDataDir()
  const killed = await startProgram({ dataDir })
  await killed.stop('SIGKILL')
  expect(await marquee(place(dataDir), ['restore', file])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is not empty'),
  })
  for (const name of readdirSync(dataDir))
    if (!name.startsWith('server.')) rmSync(join(dataDir, name), { recursive: true })
  expect(await marquee(place(dataDir), ['restore', file])).toMatchObject({ code: 0 })
})

it('leaves nothing of a restore that was killed but a folder that no server starts in, and the next restore is whole', async () => {
  const file = join(scratch, 'killed.tar')
  await marquee(place(program.dataDir), ['backup', file])
  const dataDir = newDataDir()
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../src/cli/marquee.ts'), 'restore', file], {
    env: { ...process.env, ...place(dataDir).env },
    stdio: 'ignore',
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  await waitFor(() => (existsSync(join(dataDir, '.restoring')) || child.exitCode !== null ? true : null), 120_000)
  child.kill('SIGKILL')
  await ended
  // Killed a moment later, it was done.
  if (!existsSync(join(dataDir, '.restoring'))) return
  await expect(startProgram({ dataDir })).rejects.toMatchObject({ code: 78 })
  expect(await marquee(place(dataDir), ['restore', file])).toMatchObject({ code: 0 })
})

describe.runIf(canMount)('on a full disk (a small tmpfs)', () => {
  const folder = join(scratch, 'full')
  beforeAll(() => {
    mkdirSync(folder)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', folder])
  })
  afterAll(() => void execFileSync('umount', ['-l', folder]))
  const fill = () => {
    const { bavail, bsize } = statfsSync(folder)
    writeFileSync(join(folder, 'filler'), new Uint8Array(Math.max(0, bavail * bsize - 16 * 1024)), { flag: 'a' })
  }

  it('a backup leaves nothing half written and the older one whole, and says so in a sentence', async () => {
    const file = join(folder, 'marquee.tar')
    await uploadPicture(owner, 'too-much.png')
    expect(await marquee(place(program.dataDir), ['backup', '--no-media', file])).toMatchObject({ code: 0 })
    const before = readFileSync(file)
    fill()
    const failed = await marquee(place(program.dataDir), ['backup', file])
    expect(failed).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^The disk of .* is full.*\n$/) })
    expect(readdirSync(folder).sort()).toEqual(['filler', 'marquee.tar'])
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  it('a restore leaves the folder empty, and says so in a sentence', async () => {
    const file = join(scratch, 'whole.tar')
    await marquee(place(program.dataDir), ['backup', file])
    const dataDir = join(folder, 'data')
    fill()
    const failed = await marquee(place(dataDir), ['restore', file])
    expect(failed).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^The disk of .* is full.*\n$/) })
    expect(existsSync(dataDir) ? readdirSync(dataDir).filter((name) => !name.startsWith('server.')) : []).toEqual([])
  })
})

it('is a tar that every tar program reads', async () => {
  const file = join(scratch, 'plain.tar')
  await marquee(place(program.dataDir), ['backup', file])
  const { stdout } = await promisify(execFile)('tar', ['tf', file])
  const names = stdout.trim().split('\n')
  expect(names[0]).toBe('marquee-backup.json')
  expect(names.slice(-2)).toEqual(['manifest.jsonl', 'end.json'])
  expect(names.filter((name) => name.startsWith('media/')).length).toBeGreaterThan(3)
})
