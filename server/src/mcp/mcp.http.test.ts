import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { connectLegacy, connectModern, mcpVersion, modernPost } from '../../test/mcp-clients.ts'
import { createTestApp, type TestApp } from '../../test/test-app.ts'
import type { Manager } from '../access.ts'
import { addAds } from '../features/ads/testing/ads.fixtures.ts'

let app: TestApp
let url: string
let owner: Manager
let key: string
beforeAll(async () => {
  app = await createTestApp()
  url = (await app.listen()).url
  owner = await app.tenant()
  key = await newKey()
})
afterAll(() => app?.[Symbol.asyncDispose]())

async function newKey(by = owner): Promise<string> {
  return (await app.as(by).keys.create({ name: 'k', scopes: ['ads:read', 'screens:read'], purpose: 'script' })).secret
}

/** One request by hand; its status and what it says. */
async function send(init: RequestInit, headers: Record<string, string> = { authorization: `Bearer ${key}` }) {
  const response = await fetch(new URL('/mcp', url), { ...init, headers: { ...init.headers, ...headers } })
  const text = await response.text()
  // What the protocol answers is JSON, in an event where it is a stream.
  const json = JSON.parse(text.startsWith('event:') ? text.slice(text.indexOf('data:') + 5) : text || 'null')
  return { status: response.status, headers: response.headers, json }
}

const post = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
  body: typeof body === 'string' ? body : JSON.stringify(body),
})
const message = (method: string, params: object = {}) => ({ jsonrpc: '2.0', id: 1, method, params })
const stats = modernPost('tools/call', { name: 'get_advertisement_stats', arguments: {} })
const hello = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } }

async function openSession(by = key): Promise<string> {
  const { headers } = await send(post(message('initialize', hello)), { authorization: `Bearer ${by}` })
  return headers.get('mcp-session-id') ?? ''
}

describe('the door', () => {
  it('opens to a key and to nothing else: not to nobody, not to a wrong key, not to the cookie of a person', async () => {
    expect((await send(stats)).status).toBe(200)
    const nobody = await send(stats, {})
    expect([nobody.status, nobody.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="Marquee"'])
    expect(nobody.json).toMatchObject({ jsonrpc: '2.0', id: null, error: { data: { code: 'not-signed-in' } } })
    const wrong = await send(stats, { authorization: 'Bearer mq_wrong' })
    expect([wrong.status, wrong.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer realm="Marquee", error="invalid_token"',
    ])
    expect((await send(stats, { cookie: 'marquee_session=x' })).status).toBe(401)
    const inUrl = await fetch(new URL(`/mcp?key=${key}`, url), { ...stats })
    expect(inUrl.status).toBe(400)
  })

  it('is closed to pages of other origins and to foreign host names', async () => {
    const bearer = { authorization: `Bearer ${key}` }
    expect((await send(stats, { ...bearer, origin: 'https://evil.example' })).status).toBe(403)
    expect((await send(stats, { ...bearer, origin: url })).status).toBe(200)
    const rebound = await app.fetch(
      new Request('http://evil.example/mcp', {
        ...stats,
        headers: { ...stats.headers, ...bearer, host: 'evil.example' },
      }),
    )
    expect(rebound.status).toBe(403)
  })

  it('refuses what is too long, too many, too deep, or no JSON, in the words of the protocol', async () => {
    const long = modernPost('tools/call', {
      name: 'search_advertisements',
      arguments: { query: 'x'.repeat(1024 * 1024) },
    })
    expect(await send(long)).toMatchObject({ status: 413, json: { error: { data: { code: 'too-large' } } } })
    const many = Array.from({ length: 1_000 }, () => message('ping'))
    expect(await send(post(many))).toMatchObject({ status: 400, json: { error: { code: -32600 } } })
    expect(await send(post([]))).toMatchObject({ status: 400, json: { error: { code: -32600 } } })
    expect(await send(post('[['.repeat(50)))).toMatchObject({
      status: 400,
      json: { error: { message: expect.stringContaining('nested') } },
    })
    expect(await send(post('{"jsonrpc"'))).toMatchObject({ status: 400, json: { error: { code: -32700 } } })
    expect((await send({ ...post('x'), headers: { 'content-type': 'text/plain' } })).status).toBe(415)
    expect((await send(post(message('ping'), { 'mcp-session-id': 'nobody' }))).status).toBe(404)
    expect((await send({ method: 'GET', headers: { accept: 'text/event-stream' } })).status).toBe(405)
  })

  it('answers a wrong version of the protocol as the protocol says', async () => {
    const future = modernPost('tools/list', {}, { 'io.modelcontextprotocol/protocolVersion': '2099-01-01' })
    const answer = await send({ ...future, headers: { ...future.headers, 'mcp-protocol-version': '2099-01-01' } })
    expect(answer.status).toBe(400)
    expect(answer.json.error.data.supported).toContain(mcpVersion)
    const older = await send(post(message('initialize', { ...hello, protocolVersion: '1999-01-01' })))
    expect(older.json.result.protocolVersion).toBe('2025-11-25')
    const session = { 'mcp-session-id': await openSession(), 'mcp-protocol-version': '1999-01-01' }
    expect((await send(post(message('tools/list'), session))).status).toBe(400)
  })

  it('serves a script that knows nothing of sessions', async () => {
    const { json } = await send(post(message('tools/call', { name: 'get_advertisement_stats', arguments: {} })))
    expect(json.result.structuredContent).toMatchObject({ type: 'stats_response' })
  })

  it('answers a plain call as the SDK answers the same call', async () => {
    const name = 'get_advertisement_playlist'
    for (const given of [{}, { shuffle: 'wrong' }]) {
      const quick = await send(modernPost('tools/call', { name, arguments: given }))
      // With a token for its progress it goes the SDK's way.
      const long = await send(modernPost('tools/call', { name, arguments: given }, { progressToken: 1 }))
      for (const { json } of [quick, long])
        if (json.result.isError)
          json.result.content[0].text = json.result.content[0].text.replace(/"requestId":"[^"]+"/, '')
      expect(quick.json).toEqual(long.json)
    }
    const mismatched = await send({ ...stats, headers: { ...stats.headers, 'mcp-name': 'list_screens' } })
    expect(mismatched.status).toBe(400)
  })
})

describe('a session of a client before 2026', () => {
  it("is its key's alone", async () => {
    const session = { 'mcp-session-id': await openSession() }
    const list = post(message('tools/list'), session)
    expect((await send(list)).status).toBe(200)
    for (const by of [owner, await app.tenant()]) {
      const other = await send(list, { authorization: `Bearer ${await newKey(by)}` })
      expect(other).toMatchObject({ status: 404, json: { error: { message: 'Session not found' } } })
    }
    expect((await send(list)).status).toBe(200)
  })

  it('ends when its client says so', async () => {
    const session = { 'mcp-session-id': await openSession() }
    expect((await send({ method: 'DELETE', headers: session })).status).toBe(200)
    expect((await send(post(message('tools/list'), session))).status).toBe(404)
  })

  it('makes room: of fifty of a key the one that was not used for the longest time goes', async () => {
    const by = await newKey()
    const first = await openSession(by)
    app.clock.advance(1)
    const second = await openSession(by)
    for (let at = 0; at < 49; at++) await openSession(by)
    const statusOf = async (id: string) =>
      (await send(post(message('tools/list'), { 'mcp-session-id': id }), { authorization: `Bearer ${by}` })).status
    expect([await statusOf(first), await statusOf(second)]).toEqual([404, 200])
  })

  it('ends with its key within a second, with the streams that are open, in both protocols', async () => {
    const { key: made, secret } = await app.as(owner).keys.create({ name: 'gone', scopes: ['ads:read'] })
    const bearer = { authorization: `Bearer ${secret}` }
    const session = { 'mcp-session-id': await openSession(secret) }
    const get = { accept: 'text/event-stream', ...bearer, ...session }
    const legacy = await fetch(new URL('/mcp', url), { headers: get })
    const listen = modernPost('subscriptions/listen', { notifications: { resourcesListChanged: true } })
    const modern = await fetch(new URL('/mcp', url), { ...listen, headers: { ...listen.headers, ...bearer } })
    expect([legacy.status, modern.status]).toEqual([200, 200])
    const started = performance.now()
    await app.as(owner).keys.revoke({ id: made.id })
    await Promise.all([legacy.text(), modern.text()])
    expect(performance.now() - started).toBeLessThan(1_000)
    expect((await send(post(message('tools/list'), session), bearer)).status).toBe(401)
  })
})

describe('resources', () => {
  it.each([
    ['a client of 2026', connectModern],
    ['a client of the first SDK', connectLegacy],
  ] as const)('are listed by pages, read and told to %s when they change', async (_, open) => {
    const shop = await app.tenant()
    const ids = await seed(shop, 53)
    const secret = await newKey(shop)
    const client = await open({ url, key: secret })
    const first = await client.listResources()
    // The client of 2026 asks for all pages itself.
    const second = first.nextCursor ? await client.listResources({ cursor: first.nextCursor }) : { resources: [] }
    const uris = [...first.resources, ...second.resources].map(({ uri }) => uri)
    expect(new Set(uris)).toEqual(new Set(ids.map((id) => `ads://advertisement/${id}`)))
    expect('nextCursor' in second).toBe(false)
    const uri = `ads://advertisement/${ids[0]}`
    const { contents } = await client.readResource({ uri })
    const [content] = contents
    const read = JSON.parse(content && 'text' in content && typeof content.text === 'string' ? content.text : '{}')
    expect(read).toMatchObject({ id: ids[0], url: expect.stringMatching(/^http/) })
    for (const wrong of ['ads://advertisement/nix', 'file:///etc/passwd', `ads://advertisement/${crypto.randomUUID()}`])
      await expect(client.readResource({ uri: wrong })).rejects.toThrow(/no (resource|ad)/)
    const { resourceTemplates } = await client.listResourceTemplates()
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual(['ads://advertisement/{id}'])
    await client.close()
  })

  it('of another shop are told to nobody else', async () => {
    const [mine, other] = [await app.tenant(), await app.tenant()]
    const [[myAd = ''], [otherAd = '']] = [await seed(mine, 1), await seed(other, 1)]
    const uriOf = (id: string) => `ads://advertisement/${id}`
    const secret = await newKey(mine)
    const heard: string[] = []
    const listen = modernPost('subscriptions/listen', {
      notifications: { resourcesListChanged: true, resourceSubscriptions: [uriOf(myAd), uriOf(otherAd)] },
    })
    const stop = new AbortController()
    const headers = { ...listen.headers, authorization: `Bearer ${secret}` }
    const stream = await fetch(new URL('/mcp', url), { ...listen, headers, signal: stop.signal })
    const reading = readEvents(stream, (event) => heard.push(event.params?.uri ?? event.method))
    const session = await openSession(secret)
    const bearer = { authorization: `Bearer ${secret}` }
    const inSession = { 'mcp-session-id': session }
    expect((await send(post(message('resources/subscribe', { uri: uriOf(myAd) }), inSession), bearer)).status).toBe(200)
    const foreign = await send(post(message('resources/subscribe', { uri: uriOf(otherAd) }), inSession), bearer)
    expect(foreign.json.error.code).toBe(-32602)
    const get = { accept: 'text/event-stream', ...bearer, ...inSession }
    const legacy = await fetch(new URL('/mcp', url), { headers: get, signal: stop.signal })
    const heardInSession: string[] = []
    const readingSession = readEvents(legacy, (event) => heardInSession.push(event.params?.uri ?? event.method))
    await app.as(other).ads.update({ id: otherAd, title: 'Theirs' })
    await app.as(mine).ads.update({ id: myAd, title: 'Mine' })
    for (const list of [heard, heardInSession]) {
      await vi.waitFor(() => expect(list).toContain(uriOf(myAd)))
      expect(list.filter((one) => one === 'notifications/resources/list_changed')).toHaveLength(1)
      expect(list).not.toContain(uriOf(otherAd))
    }
    stop.abort()
    await Promise.all([reading, readingSession])
  })
})

type Heard = { readonly method: string; readonly params?: { readonly uri?: string } }

async function readEvents(response: Response, hear: (event: Heard) => void): Promise<void> {
  let text = ''
  const decoder = new TextDecoder()
  try {
    // A body of fetch is a stream of byte arrays.
    for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(bytes, { stream: true })
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        const data = /^data: (.+)$/m.exec(block)?.[1]
        if (data) hear(JSON.parse(data))
      }
    }
  } catch {
    // We hung up.
  }
}

function seed(by: Manager, count: number): Promise<string[]> {
  return addAds(
    app,
    by,
    Array.from({ length: count }, (_, at) => `Ad ${at}`),
  )
}
