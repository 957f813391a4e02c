import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { Client as ModernClient } from '@modelcontextprotocol/client'
import { StdioClientTransport as ModernStdio } from '@modelcontextprotocol/client/stdio'
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as LegacyStdio } from '@modelcontextprotocol/sdk/client/stdio.js'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Manager } from '../../src/access.ts'
import { addAds } from '../../src/features/ads/testing/ads.fixtures.ts'
import { firstText } from '../mcp-clients.ts'
import { createTestApp, type TestApp } from '../test-app.ts'

const program = join(import.meta.dirname, '../../src/cli/marquee.ts')
/** Programs that only tests know; the server's own folder stays free of what they bring. */
const require = createRequire(join(import.meta.dirname, '../../../e2e/package.json'))
const me = { name: 'marquee-test', version: '1.0.0' }

let app: TestApp
let url: string
let owner: Manager
let adId: string
let key: string
beforeAll(async () => {
  app = await createTestApp()
  url = (await app.listen()).url
  owner = await app.tenant()
  adId = (await addAds(app, owner, ['First']))[0] ?? ''
  key = (await newKey()).secret
})
afterAll(() => app?.[Symbol.asyncDispose]())

const newKey = () =>
  app.as(owner).keys.create({ name: 'k', scopes: ['ads:read', 'ads:write', 'screens:read'], purpose: 'script' })

/** The environment of a program that opens what the app has open. */
function environment(more: Record<string, string>): Record<string, string> {
  const inherited = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !/^(MARQUEE_|DATABASE_URL)/.test(entry[0]),
  )
  return { ...Object.fromEntries(inherited), ...app.env, ...more }
}

const command = () => ({
  command: process.execPath,
  args: [program, 'mcp'],
  env: environment({ MARQUEE_KEY: key }),
  cwd: tmpdir(),
})

describe('marquee mcp', () => {
  it.each([
    [
      'a client of 2026',
      async () => {
        const client = new ModernClient(me, { versionNegotiation: { mode: 'auto' } })
        await client.connect(new ModernStdio(command()))
        return client
      },
    ],
    [
      'a client of the first SDK',
      async () => {
        const client = new LegacyClient(me)
        const transport = new LegacyStdio(command())
        // The SDK's own types do not fit `exactOptionalPropertyTypes`.
        await client.connect(transport as unknown as Parameters<typeof client.connect>[0])
        return client
      },
    ],
  ])('serves %s beside the running server, and its calls are in the activity', async (_, open) => {
    const client = await open()
    expect((await client.listTools()).tools.length).toBeGreaterThan(10)
    const result = await client.callTool({ name: 'get_advertisement_playlist', arguments: {} })
    expect(firstText(result)).toContain(adId)
    expect((await client.listResources()).resources.map(({ uri }) => uri)).toEqual([`ads://advertisement/${adId}`])
    await expect(client.callTool({ name: 'play_advertisement', arguments: {} })).rejects.toThrow('Unknown tool')
    await client.close()
    await vi.waitFor(
      async () => {
        const { items } = await app.as(owner).activity.list({ subject: 'tool' })
        expect(items.map(({ subject }) => subject.name)).toContain('get_advertisement_playlist')
      },
      { timeout: 20_000, interval: 100 },
    )
  })

  it('says nothing but the protocol on stdout, whatever it is told, and ends with its input', async () => {
    const child = start(environment({ MARQUEE_KEY: key, MARQUEE_LOG_LEVEL: 'debug' }))
    const { lines, ended } = watch(child)
    child.stdin?.write('no json\n{"jsonrpc":"2.0"}\n')
    const say = (message: object) => child.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
    const clientInfo = { name: 'x', version: '1' }
    say({ id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo } })
    say({ method: 'notifications/initialized' })
    const long = { query: 'x'.repeat(1024 * 1024) }
    say({ id: 2, method: 'tools/call', params: { name: 'search_advertisements', arguments: long } })
    await vi.waitFor(() => expect(lines.some((line) => line.includes('too-large'))).toBe(true), { timeout: 60_000 })
    child.stdin?.end()
    expect(await ended).toBe(0)
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' })
  })

  it('ends when its key is revoked, and does not begin with a wrong one or none', async () => {
    const made = await newKey()
    const child = start(environment({ MARQUEE_KEY: made.secret }))
    const { lines, ended } = watch(child)
    const clientInfo = { name: 'x', version: '1' }
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo }
    child.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })}\n`)
    await vi.waitFor(() => expect(lines).toHaveLength(1), { timeout: 60_000 })
    await app.as(owner).keys.revoke({ id: made.key.id })
    expect(await ended).toBe(0)
    expect(await watch(start(environment({ MARQUEE_KEY: 'mq_wrong' }))).ended).toBe(1)
    expect(await watch(start(environment({}))).ended).toBe(78)
  })
})

function start(env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, [program, 'mcp'], { env, cwd: tmpdir(), stdio: ['pipe', 'pipe', 'ignore'] })
}

function watch(child: ChildProcess) {
  const lines: string[] = []
  let rest = ''
  child.stdout?.on('data', (bytes) => {
    const parts = `${rest}${bytes}`.split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts)
  })
  return { lines, ended: once(child, 'exit').then(([code]) => code as number | null) }
}

describe("the Inspector's command line", () => {
  const inspector = join(
    dirname(require.resolve('@modelcontextprotocol/inspector/package.json')),
    'clients/launcher/build/index.js',
  )
  const inspect = (...args: string[]) => run([inspector, '--cli', '--connect-timeout', '120000', ...args])

  it('lists and calls tools over HTTP', async () => {
    const there = [`${url}/mcp`, '--transport', 'http', '--header', `authorization: Bearer ${key}`]
    const { tools } = JSON.parse(await inspect(...there, '--method', 'tools/list'))
    expect(tools.length).toBeGreaterThan(10)
    const call = ['--method', 'tools/call', '--tool-name', 'search_advertisements', '--tool-arg', 'query=First']
    expect(firstText(JSON.parse(await inspect(...there, ...call)))).toContain(adId)
  })

  it('reads resources over standard input and output', async () => {
    const settings = Object.entries({ ...app.env, MARQUEE_KEY: key }).flatMap(([name, value]) => [
      '-e',
      `${name}=${value}`,
    ])
    const uri = `ads://advertisement/${adId}`
    const read = await inspect(
      ...settings,
      '--method',
      'resources/read',
      '--uri',
      uri,
      '--',
      process.execPath,
      program,
      'mcp',
    )
    expect(JSON.parse(read).contents[0].uri).toBe(uri)
  })
})

/**
 * The protocol's own scenarios. The others ask for tools, prompts and resources of the suite's example server, or for what
 * Marquee does not offer: log levels, completions, and questions to the user or to a model.
 */
describe('the conformance suite', () => {
  const suite = join(dirname(require.resolve('@modelcontextprotocol/conformance/package.json')), 'dist/index.js')

  it.each([
    'server-initialize',
    'ping',
    'tools-list',
    'resources-list',
    'prompts-list',
    'server-sse-multiple-streams',
    'dns-rebinding-protection',
  ])('passes in %s', async (scenario) => {
    await using door = await addingKey()
    const said = await run([suite, 'server', '--url', `http://localhost:${door.port}/mcp`, '--scenario', scenario])
    expect(said).toMatch(/0 failed/)
  })
})

/** The suite knows no keys, so one is put into its requests on the way. */
async function addingKey() {
  const proxy = createServer((incoming, outgoing) => {
    const headers = { ...incoming.headers, authorization: `Bearer ${key}` }
    const onward = request(`${url}${incoming.url}`, { method: incoming.method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      outgoing.flushHeaders()
      answer.pipe(outgoing)
    })
    onward.on('error', () => outgoing.destroy())
    outgoing.on('close', () => onward.destroy())
    incoming.pipe(onward)
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const address = proxy.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    async [Symbol.asyncDispose]() {
      proxy.closeAllConnections()
      await new Promise((resolve) => proxy.close(resolve))
    },
  }
}

/** What a program prints, or an error with all of it. */
async function run(args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, args, {
    env: environment({}),
    cwd: tmpdir(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const printed = { stdout: '', stderr: '' }
  child.stdout.on('data', (bytes) => (printed.stdout += String(bytes)))
  child.stderr.on('data', (bytes) => (printed.stderr += String(bytes)))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  if (code !== 0) throw new Error(`It ended with ${code}:\n${printed.stdout}\n${printed.stderr}`)
  return printed.stdout
}
