import type { Scope } from '@marquee/shared/keys.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { picture } from '../../test/fixtures/pictures.ts'
import { send } from '../../test/fixtures/send.ts'
import { createTestApp, type TestApp } from '../../test/test-app.ts'
import type { Manager } from '../access.ts'
import { appRouter } from '../router.ts'
import { routesOf } from './routes.ts'

let app: TestApp
let owner: Manager
let key: string
let seed = 100

const newKey = async (of: Manager, scopes: Scope[], purpose: 'agent' | 'script' = 'script') =>
  (await app.as(of).keys.create({ name: 'A key', scopes, purpose })).secret
const call = (path: string, { method = 'GET', body, headers, bearer = key }: Call = {}) =>
  app.fetch(`/api/${path}`, {
    method,
    headers: {
      ...(bearer && { authorization: `Bearer ${bearer}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
type Call = { method?: string; body?: unknown; headers?: Record<string, string>; bearer?: string }
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  call(path, { method: 'POST', body, headers })
const problemOf = async (answer: Response) => {
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  const body = await answer.json()
  expect(body).toMatchObject({ type: `urn:marquee:${body.code}`, status: answer.status, title: expect.any(String) })
  return body
}
const addAd = async (of = owner) =>
  (await send(app, of, await picture('png', { seed: ++seed }), { ad: {} })).ad?.id ?? ''
const adIds = async (of = owner) => (await app.as(of).ads.list({})).items.map((ad) => ad.id)

beforeAll(async () => {
  app = await createTestApp()
})
beforeEach(async () => {
  owner = await app.tenant()
  key = await newKey(owner, ['ads:read', 'ads:write'])
})
afterAll(() => app?.[Symbol.asyncDispose]())

describe('the routes', () => {
  it('are all procedures but subscriptions and those that set or end cookies of a browser', () => {
    const offered = new Set(
      [...routesOf(appRouter).values()].flatMap((one) => [...one.values()].map((r) => r.procedure)),
    )
    // tRPC's record of a router, the only list that has every procedure.
    const all = Object.keys((appRouter._def as unknown as { procedures: object }).procedures)
    expect(all.filter((path) => !offered.has(path)).sort()).toEqual([
      'accounts.acceptInvitation',
      'accounts.setUp',
      'accounts.signIn',
      'accounts.signOut',
      'live.changes',
      'live.pairing',
      'live.screen',
      'player.pairingState',
      'player.startPairing',
    ])
  })

  it('answer what the procedure answers', async () => {
    const id = await addAd()
    const one = await call(`ads/get?id=${id}`)
    expect([one.status, one.headers.get('content-type'), one.headers.get('cache-control')]).toEqual([
      200,
      'application/json',
      'no-store',
    ])
    expect(await one.json()).toEqual(await app.as(owner).ads.get({ id }))
    expect(await (await call('ads/list')).json()).toEqual(await app.as(owner).ads.list({}))
  })

  it('change by POST with a JSON body, and need none where a call has no arguments', async () => {
    const id = await addAd()
    const changed = await post('ads/update', { id, title: 'New title' })
    expect(await changed.json()).toMatchObject({ ad: { id, title: 'New title' } })
    expect((await call('agents/refresh', { method: 'POST' })).status).toBe(200)
  })

  it('read numbers, booleans and enums of the address, and leave the rest to the schema', async () => {
    await addAd()
    await addAd()
    const page = await (await call('ads/list?limit=1&kind=picture')).json()
    expect(page.items).toHaveLength(1)
    const next = await (await call(`ads/list?limit=1&cursor=${encodeURIComponent(page.nextCursor)}`)).json()
    expect(next.items[0].id).not.toBe(page.items[0].id)
    expect((await call('agents/playlist?shuffle=true&limit=10')).status).toBe(200)
    for (const query of ['limit=ten', 'limit=0x10', 'limit=1e2', 'limit=', 'limit=999', 'kind=sound'])
      expect(await problemOf(await call(`ads/list?${query}`))).toMatchObject({ code: 'bad-input', status: 400 })
    expect(await problemOf(await call('agents/playlist?shuffle=maybe'))).toMatchObject({
      detail: { field: 'shuffle' },
    })
    expect(await problemOf(await call('ads/list?limit=1&limit=2'))).toMatchObject({ detail: { field: 'limit' } })
  })

  it('refuse bodies that are no JSON, too large or too deep', async () => {
    expect(await problemOf(await post('ads/move', '{"id":'))).toMatchObject({ code: 'bad-input', reason: 'json' })
    const form = await call('ads/move', {
      method: 'POST',
      body: 'id=1',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    expect(await problemOf(form)).toMatchObject({ code: 'unsupported-media', status: 415 })
    expect(await problemOf(await post('ads/move', '['.repeat(10_000)))).toMatchObject({ code: 'bad-input' })
    expect(await problemOf(await post('ads/update', { title: 'x'.repeat(5_000_000) }))).toMatchObject({ status: 413 })
    expect(await problemOf(await post('ads/update', [1, 2]))).toMatchObject({ code: 'bad-input' })
  })

  it('say what is unknown, and which method a path takes', async () => {
    expect(await problemOf(await call('ads/nothing'))).toMatchObject({ code: 'not-found' })
    expect(await problemOf(await call('nothing'))).toMatchObject({ code: 'not-found' })
    const wrong = await call('ads/list', { method: 'POST', body: {} })
    expect(wrong.headers.get('allow')).toBe('GET')
    expect(await problemOf(wrong)).toMatchObject({ code: 'bad-input', reason: 'method' })
    expect((await call('ads/list', { method: 'HEAD' })).status).toBe(200)
  })

  it('need a key that is known and has the scope', async () => {
    const anonymous = await call('ads/list', { bearer: '' })
    expect(anonymous.headers.get('www-authenticate')).toBe('Bearer')
    expect(await problemOf(anonymous)).toMatchObject({ code: 'not-signed-in', status: 401 })
    expect(await problemOf(await call('ads/list', { bearer: 'mq_wrong' }))).toMatchObject({ code: 'wrong-credentials' })
    const bearer = await newKey(owner, ['screens:read'])
    expect(await problemOf(await call('ads/list', { bearer }))).toMatchObject({ code: 'not-allowed', status: 403 })
    expect(await problemOf(await call('ads/list?key=mq_abcdefgh'))).toMatchObject({ code: 'key-in-url' })
  })

  it('are closed to pages of another origin', async () => {
    const foreign = await post('ads/tagMany', {}, { origin: 'https://evil.example' })
    expect(await problemOf(foreign)).toMatchObject({ code: 'wrong-origin', status: 403 })
    expect((await call('ads/list', { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403)
    expect((await call('ads/list', { headers: { origin: 'http://localhost' } })).status).toBe(200)
  })
})

describe('files by name', () => {
  it('are listed newest first, by pages, with an address that can be fetched', async () => {
    const first = await addAd()
    const second = await addAd()
    await send(app, owner, await picture('png', { seed: ++seed }), { category: 'agent' })
    const page = await (await call('media/list?category=ads&limit=1')).json()
    expect(page).toMatchObject({ total_count: 2, files: [{ ad_ids: [second], category: 'ads' }] })
    const next = await (await call(`media/list?limit=1&cursor=${page.next_cursor}`)).json()
    expect(next).toMatchObject({ total_count: 2, next_cursor: null, files: [{ ad_ids: [first] }] })
    const [file] = page.files
    expect((await (await app.fetch(file.url)).arrayBuffer()).byteLength).toBe(file.size_bytes)
    expect(file).toMatchObject({ client_id: owner.tenantId, size_bytes: expect.any(Number), content_type: 'image/png' })
    expect(file.modified_time).toBeCloseTo(app.clock.now().getTime() / 1000, 0)
    expect((await (await call('media/list?category=agent')).json()).total_count).toBe(1)
  })

  it('are deleted with the ads that show them, or alone', async () => {
    await addAd()
    await send(app, owner, await picture('png', { seed: ++seed }), { category: 'agent' })
    for (const category of ['ads', 'agent']) {
      const [file] = (await (await call(`media/list?category=${category}`)).json()).files
      const path = `media/delete?category=${category}&filename=${encodeURIComponent(file.filename)}`
      expect(await (await call(path, { method: 'DELETE' })).json()).toMatchObject({
        success: true,
        message: expect.stringContaining(file.original_name),
      })
      expect(await problemOf(await call(path, { method: 'DELETE' }))).toMatchObject({ code: 'not-found' })
      expect((await (await call(`media/list?category=${category}`)).json()).total_count).toBe(0)
    }
    expect(await adIds()).toEqual([])
    app.clock.advance(60_000)
    await app.jobs.runDue()
    expect((await app.storage.list(`${owner.tenantId}/`, { limit: 10 })).items).toEqual([])
  })

  it('of another tenant are not found, and another client is refused', async () => {
    const other = await app.tenant()
    await addAd(other)
    const theirs = await newKey(other, ['ads:read'])
    const [file] = (await (await call('media/list', { bearer: theirs })).json()).files
    for (const name of [file.filename, `../../${other.tenantId}/ads/${file.filename}`, 'none.png', '%00'])
      expect(
        await problemOf(await call(`media/delete?filename=${encodeURIComponent(name)}`, { method: 'DELETE' })),
      ).toMatchObject({ code: 'not-found', status: 404 })
    expect(await problemOf(await call(`media/list?client=${other.tenantId}`))).toMatchObject({
      status: 403,
      reason: 'client',
    })
    const named = await call(`media/delete?client=${other.tenantId}&filename=${file.filename}`, { method: 'DELETE' })
    expect(await problemOf(named)).toMatchObject({ status: 403, reason: 'client' })
    expect((await call(`media/list?client=${owner.tenantId}`)).status).toBe(200)
    expect(await adIds(other)).toHaveLength(1)
  })

  it('go for an agent only once a manager agreed', async () => {
    await addAd()
    const bearer = await newKey(owner, ['ads:read', 'ads:write'], 'agent')
    const [file] = (await (await call('media/list')).json()).files
    const remove = (headers = {}) =>
      call(`media/delete?filename=${file.filename}`, { method: 'DELETE', bearer, headers })
    const asked = await problemOf(await remove())
    expect(asked).toMatchObject({ code: 'approval-needed', status: 403 })
    const headers = { 'x-marquee-approval': asked.detail.approvalId }
    expect(await problemOf(await remove(headers))).toMatchObject({ code: 'approval-needed' })
    await app.as(owner).approvals.decide({ id: asked.detail.approvalId, grant: true })
    expect(await (await remove(headers)).json()).toMatchObject({ success: true })
  })
})
