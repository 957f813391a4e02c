import { execFile } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { build } from 'esbuild'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type HttpClient, makeHttpClient } from '../http-client.ts'
import { denoBinary, type Program, type RuntimeName, startProgram } from '../program.ts'

const repository = join(import.meta.dirname, '../../..')
const runtimes: Record<RuntimeName, () => [string, ...string[]]> = {
  node: () => [process.execPath],
  deno: () => [denoBinary(), 'run', '--allow-env', '--allow-net', '--allow-read', '--no-prompt'],
}

let program: Program
let owner: HttpClient

beforeAll(async () => {
  program = await startProgram()
  owner = makeHttpClient(program.url)
  const ann = { name: 'Ann', email: 'ann@example.com', password: 'correct horse battery' }
  const shop = { tenantName: 'Corner shop', timeZone: 'Asia/Shanghai' }
  await owner.trpc.accounts.setUp.mutate({ token: program.setUpToken ?? '', ...ann, ...shop })
})
afterAll(() => program?.[Symbol.asyncDispose]())

/** Runs an example as its first lines say, and gives what it printed. */
function run(runtime: RuntimeName, args: readonly string[], key: string) {
  const [command, ...before] = runtimes[runtime]()
  const env = { ...process.env, MARQUEE_URL: program.url, MARQUEE_KEY: key, DENO_NO_UPDATE_CHECK: '1' }
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(command, [...before, ...args], { cwd: repository, env }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr }),
    )
  })
}

async function makeKey(): Promise<string> {
  const scopes = ['ads:read', 'ads:write', 'screens:read'] as const
  return (await owner.trpc.keys.create.mutate({ name: 'Script', purpose: 'script', scopes: [...scopes] })).secret
}

describe.each(['node', 'deno'] as const)('the examples, unchanged, on %s', (runtime) => {
  it('upload a folder with its files as ads, and say of a bad one why', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'marquee-examples-'))
    const background = { r: runtime === 'node' ? 200 : 20, g: 90, b: 40 }
    const picture = await sharp({ create: { width: 320, height: 180, channels: 3, background } })
      .png()
      .toBuffer()
    writeFileSync(join(folder, `${runtime} one.png`), picture)
    writeFileSync(join(folder, 'text.mp4'), 'This is no film.')
    const { code, stdout, stderr } = await run(runtime, ['examples/upload.ts', folder], await makeKey())
    expect(stderr).toBe('')
    expect(stdout).toContain(`${runtime} one.png: is the ad "${runtime} one"`)
    expect(stdout).toMatch(/^text\.mp4: .+$/m)
    expect(code).toBe(1)
    expect((await owner.trpc.ads.list.query({ search: `${runtime} one` })).items).toHaveLength(1)
  })

  it('print what ran where', async () => {
    const key = await makeKey()
    const [ad] = (await owner.trpc.ads.list.query({})).items
    const player = makeHttpClient(program.url)
    const { code } = await player.trpc.player.startPairing.mutate()
    await owner.trpc.screens.confirmPairing.mutate({ code, name: `Window of ${runtime}` })
    await player.trpc.player.pairingState.mutate()
    await player.trpc.player.report.mutate({ revision: 1, adId: ad?.id ?? null })
    await expect
      .poll(async () => (await run(runtime, ['examples/report.ts'], key)).stdout, { timeout: 30_000 })
      .toMatch(new RegExp(`^\\d{4}-\\d\\d-\\d\\d\\tWindow of ${runtime}\\t${ad?.title}\\t1$`, 'm'))
  })

  it('end with a sentence where the key is missing or wrong', async () => {
    expect(await run(runtime, ['examples/report.ts'], '')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Usage'),
    })
    const wrong = await run(runtime, ['examples/report.ts'], 'mq_wrong')
    expect(wrong.code).not.toBe(0)
    expect(wrong.stderr).toContain('This key is not known')
  })
})

it('bundled, the examples hold no code of the server', async () => {
  const { metafile } = await build({
    entryPoints: [join(repository, 'examples/upload.ts'), join(repository, 'examples/report.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
    outdir: 'out',
    metafile: true,
    absWorkingDir: repository,
  })
  const inputs = Object.keys(metafile.inputs)
  expect(inputs).toContain('shared/src/upload.ts')
  expect(inputs.filter((path) => path.startsWith('server/') || path.includes('@trpc/server/dist/adapters'))).toEqual([])
})
