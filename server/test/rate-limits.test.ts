import { describe, expect, it } from 'vitest'
import { makeFairTurns } from '../src/lib/fair-turns.ts'
import { tokenBuckets } from '../src/lib/token-buckets.ts'
import { pairScreen } from './screens.ts'
import { createTestApp, type TestApp } from './test-app.ts'

const listed = (app: TestApp, secret: string) =>
  app.fetch('/trpc/ads.list?input={}', { headers: { authorization: `Bearer ${secret}` } })

async function makeKey(app: TestApp, owner: Awaited<ReturnType<TestApp['tenant']>>) {
  return (await app.as(owner).keys.create({ name: 'k', scopes: ['ads:read'], purpose: 'script' })).secret
}

describe('a rate limit', () => {
  it('of a key refuses with 429, says how long to wait, and lets in again after that', async () => {
    await using app = await createTestApp({ MARQUEE_RATE_LIMIT_KEY: '5' })
    const secret = await makeKey(app, await app.tenant())
    for (let call = 0; call < 10; call++) expect((await listed(app, secret)).status).toBe(200)
    const refused = await listed(app, secret)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
    const { error } = (await refused.json()) as { error: { data: object } }
    expect(error.data).toMatchObject({ code: 'rate-limited', detail: { retryAfter: 1, by: 'key' } })
    app.clock.advance(1_000)
    expect((await listed(app, secret)).status).toBe(200)
  })

  it('of one key leaves other keys of the tenant alone', async () => {
    await using app = await createTestApp({ MARQUEE_RATE_LIMIT_KEY: '3' })
    const owner = await app.tenant()
    const [greedy, modest] = [await makeKey(app, owner), await makeKey(app, owner)]
    for (let call = 0; call < 10; call++) await listed(app, greedy)
    expect((await listed(app, greedy)).status).toBe(429)
    expect((await listed(app, modest)).status).toBe(200)
  })

  it('of a person counts all their tabs, one of a screen its calls', async () => {
    await using app = await createTestApp({ MARQUEE_RATE_LIMIT_PERSON: '3', MARQUEE_RATE_LIMIT_SCREEN: '3' })
    const owner = await app.tenant()
    const screen = app.screenActor(owner, await app.screen(owner))
    const limited = { cause: { code: 'rate-limited' } }
    for (let call = 0; call < 6; call++) {
      await app.as(owner).ads.list({})
      await app.as(screen).player.report({ revision: 1, adId: null })
    }
    await expect(app.as(owner).ads.list({})).rejects.toMatchObject(limited)
    await expect(app.as(screen).player.report({ revision: 1, adId: null })).rejects.toMatchObject(limited)
  })

  it('of an address holds for every door, with a code that is on the list, and for who has no credential', async () => {
    await using app = await createTestApp({ MARQUEE_RATE_LIMIT_ADDRESS: '3' })
    const ask = (path: string, address: string) => app.fetch(path, {}, address)
    for (let call = 0; call < 6; call++) await ask('/trpc/accounts.serverState', '192.0.2.1')
    for (const path of ['/trpc/accounts.serverState', '/api/openapi.json', '/mcp']) {
      const answer = await ask(path, '192.0.2.1')
      expect([path, answer.status, answer.headers.get('retry-after')]).toEqual([path, 429, '1'])
      expect(await answer.json()).toMatchObject({ code: 'rate-limited' })
    }
    expect((await ask('/trpc/accounts.serverState', '192.0.2.2')).status).toBe(200)
    expect((await ask('/healthz', '192.0.2.1')).status).toBe(200)
  })

  it('of parts of uploads counts by tenant, and leaves other tenants alone', async () => {
    await using app = await createTestApp({ MARQUEE_RATE_LIMIT_ADDRESS: '2' })
    const send = async (owner: Awaited<ReturnType<TestApp['tenant']>>) => {
      const { id } = await app.as(owner).uploads.create({ fileName: 'a.png', size: 10 })
      const [part] = (await app.as(owner).uploads.sign({ id, parts: [1] })).parts
      return (await app.fetch(part?.url ?? '', { method: 'PUT', body: new Uint8Array(10) })).status
    }
    const [greedy, modest] = [await app.tenant(), await app.tenant()]
    const statuses = []
    for (let part = 0; part < 6; part++) statuses.push(await send(greedy))
    expect(statuses).toEqual([204, 204, 204, 204, 204, 429])
    expect(await send(modest)).toBe(204)
  })

  it('takes an IPv6 network of 64 bits as one address', async () => {
    await using app = await createTestApp({ MARQUEE_RATE_LIMIT_ADDRESS: '1' })
    const ask = (address: string) => app.fetch('/trpc/accounts.serverState', {}, address)
    for (let call = 0; call < 5; call++) await ask(`2001:db8:1:2:a::${call}`)
    expect((await ask('2001:db8:1:2:b:c:d:e')).status).toBe(429)
    expect((await ask('2001:db8:1:3::1')).status).toBe(200)
  })

  it('by default is never met by a hundred screens and five tabs behind one address', async () => {
    const usual = Object.fromEntries(
      ['ADDRESS', 'PERSON', 'KEY', 'SCREEN'].map((by) => [`MARQUEE_RATE_LIMIT_${by}`, '']),
    )
    await using app = await createTestApp(usual)
    const owner = await app.tenant()
    const { headers } = await pairScreen(app, owner)
    const state = () => app.fetch('/trpc/accounts.serverState').then(({ status }) => status)
    // A restart: all screens come back within one instant, with five requests each, and every tab with thirty.
    const answers = await Promise.all(Array.from({ length: 100 * 5 + 5 * 30 }, state))
    expect(new Set(answers)).toEqual(new Set([200]))
    for (let call = 0; call < 30; call++)
      expect((await app.fetch('/trpc/player.manifest', { headers })).status).toBe(200)
  })
})

describe('token buckets', () => {
  it('fill with time, not above two seconds of the rate, and not backwards when the clock is set back', () => {
    const buckets = tokenBuckets(10)
    const taken = (now: number) =>
      Array.from({ length: 100 }, () => buckets.take('a', now)).filter((wait) => wait === 0)
    expect(taken(1_000_000)).toHaveLength(20)
    expect(taken(1_000_500)).toHaveLength(5)
    expect(taken(900_000)).toHaveLength(0)
    expect(taken(9_000_000)).toHaveLength(20)
  })
})

describe('fair turns', () => {
  it('run at most so many of one lane at once, in order, and others beside them', async () => {
    const turns = makeFairTurns({ atOnce: 2, sliceMs: 1, maxWaiting: 100 })
    const begun: string[] = []
    const gates = new Map<string, () => void>()
    const work = (lane: string, name: string) =>
      turns.run(lane, async () => {
        begun.push(name)
        await new Promise<void>((resolve) => gates.set(name, resolve))
      })
    const all = [work('a', 'a1'), work('a', 'a2'), work('a', 'a3'), work('a', 'a4'), work('b', 'b1')]
    expect(begun).toEqual(['a1', 'a2', 'b1'])
    gates.get('a1')?.()
    await expect.poll(() => begun).toEqual(['a1', 'a2', 'b1', 'a3'])
    for (const name of ['a2', 'a3', 'b1']) gates.get(name)?.()
    await expect.poll(() => begun).toHaveLength(5)
    gates.get('a4')?.()
    await Promise.all(all)
  })

  it('refuse what would wait behind too many, and go on after failures', async () => {
    const turns = makeFairTurns({ atOnce: 1, sliceMs: 1, maxWaiting: 1 })
    const failing = turns.run('a', () => Promise.reject(new Error('no')))
    const waiting = turns.run('a', async () => 'done')
    expect(turns.run('a', async () => 'too many')).toBeNull()
    await expect(failing).rejects.toThrow('no')
    expect(await waiting).toBe('done')
    expect(await turns.run('a', async () => 'again')).toBe('again')
  })
})
