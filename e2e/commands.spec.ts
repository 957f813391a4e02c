import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { expect, test } from '@playwright/test'

const repository = join(import.meta.dirname, '..')
let folder = ''

test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'marquee-commands-'))
})
test.afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('npm start prints addresses and the first link, listens soon, and ends with 0 at Ctrl-C', async () => {
  const port = await freePort()
  const started = performance.now()
  const server = npm(['start'], { MARQUEE_PORT: String(port), MARQUEE_DATA_DIR: folder })
  await expect
    .poll(() => server.output(), { intervals: [20] })
    .toContain(`Marquee is listening on http://127.0.0.1:${port}`)
  const seconds = (performance.now() - started) / 1000
  await expect.poll(() => server.output()).toMatch(new RegExp(`http://127\\.0\\.0\\.1:${port}/setup/[\\w-]{20,}`))
  expect(server.output()).toContain(`http://127.0.0.1:${port}/player/`)
  expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200)
  // The figure is 3 s on an idle machine; here other things run at the same time.
  expect(seconds).toBeLessThan(10)
  // As a terminal does: to npm, the script and the server at once.
  process.kill(-(server.child.pid ?? 0), 'SIGINT')
  expect(await server.code()).toBe(0)
  await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow()
})

test('npm start says in one sentence that the port is taken', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const port = portOf(other)
  const server = npm(['start'], { MARQUEE_PORT: String(port), MARQUEE_DATA_DIR: folder })
  expect(await server.code()).toBe(1)
  expect(server.output()).toContain(`Port ${port} is taken`)
  other.close()
})

test('all settings that do not fit are listed at once with exit code 78', async () => {
  const server = npm(['start'], {
    MARQUEE_PORT: 'many',
    MARQUEE_LOG_LEVEL: 'loud',
    MARQUEE_NOTHING: '1',
    MARQUEE_DATA_DIR: folder,
  })
  expect(await server.code()).toBe(78)
  for (const name of ['MARQUEE_PORT', 'MARQUEE_LOG_LEVEL', 'MARQUEE_NOTHING']) expect(server.output()).toContain(name)
})

test('a data folder that can not be written is told, with exit code 78', async () => {
  writeFileSync(join(folder, 'file'), '')
  const server = npm(['start'], { MARQUEE_PORT: '0', MARQUEE_DATA_DIR: join(folder, 'file') })
  expect(await server.code()).toBe(78)
  expect(server.output()).toContain('MARQUEE_DATA_DIR')
})

test('the command line gives a key alone on stdout, and its exit code', async () => {
  const marquee = (...words: string[]) =>
    npm(['run', '--silent', 'marquee', '--', ...words], { MARQUEE_DATA_DIR: folder })
  expect(await marquee('tenant', 'create', 'client_001', '--name', 'One').code()).toBe(0)
  const made = marquee('key', 'create', '--tenant', 'client_001', '--scopes', 'ads:read,ads:write')
  expect(await made.code()).toBe(0)
  expect(made.stdout()).toMatch(/^mq_\S+\n$/)
  expect(await marquee('key', 'create', '--tenant', 'nobody', '--scopes', 'ads:read').code()).toBe(1)
  expect(await marquee('no-such-command').code()).toBe(2)
})

test('npm run demo fills a fresh data folder, and refuses one that is not empty', async () => {
  const data = join(folder, 'demo')
  const demo = npm(['run', '--silent', 'demo', '--', data], {})
  expect(await demo.code(), demo.output()).toBe(0)
  const [, email, password] = /Email:\s+(\S+)\s+Password:\s+(\S+)/.exec(demo.output()) ?? []
  expect(readdirSync(join(data, 'media', 'objects', 'client_001', 'ads'))).toHaveLength(3)
  const port = await freePort()
  const server = npm(['start'], { MARQUEE_PORT: String(port), MARQUEE_DATA_DIR: data })
  await expect.poll(() => server.output()).toContain('Marquee is listening')
  expect(server.output()).not.toContain('/setup/')
  const titles = await adsSeenBy(`http://127.0.0.1:${port}`, { email, password })
  expect(titles).toHaveLength(3)
  process.kill(-(server.child.pid ?? 0), 'SIGINT')
  expect(await server.code()).toBe(0)
  const again = npm(['run', '--silent', 'demo', '--', data], {})
  expect(await again.code()).toBe(1)
  expect(again.output()).toContain('is not empty')
})

/** Signs in as the panel does and lists the ads. */
async function adsSeenBy(url: string, person: object): Promise<unknown[]> {
  const signedIn = await fetch(`${url}/trpc/accounts.signIn`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify(person),
  })
  expect(signedIn.status).toBe(200)
  const cookie = signedIn.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ')
  const listed = await fetch(`${url}/trpc/ads.list?input=${encodeURIComponent('{}')}`, { headers: { cookie } })
  const answer = (await listed.json()) as { result: { data: { items: { title: string }[] } } }
  return answer.result.data.items.map(({ title }) => title)
}

/** An npm command of the repository in a process group of its own, as a terminal starts it. */
function npm(args: string[], env: Record<string, string>) {
  const child: ChildProcess = spawn('npm', args, {
    cwd: repository,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [output, stdout] = ['', '']
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text
    stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const ended = once(child, 'close')
  return { child, output: () => output, stdout: () => stdout, code: async () => (await ended)[0] as number | null }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const port = portOf(probe)
  probe.close()
  await once(probe, 'close')
  return port
}

function portOf(server: ReturnType<typeof createServer>): number {
  const address = server.address()
  return address && typeof address === 'object' ? address.port : 0
}
