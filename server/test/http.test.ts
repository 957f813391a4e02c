import { expect, it } from 'vitest'
import { createTestApp } from './test-app.ts'

const post = (body: string, headers: Record<string, string> = {}) => ({
  method: 'POST',
  body,
  headers: { 'content-type': 'application/json', ...headers },
})

it('refuses a page of another origin, also with the right cookie', async () => {
  await using app = await createTestApp()
  const answer = await app.fetch('/trpc/accounts.signOut', post('{}', { origin: 'https://evil.example' }))
  expect(answer.status).toBe(403)
  expect(await answer.json()).toMatchObject({ code: 'wrong-origin' })
})

it('refuses a cross-site request that sends no Origin', async () => {
  await using app = await createTestApp()
  expect((await app.fetch('/trpc/accounts.signOut', post('{}', { 'sec-fetch-site': 'cross-site' }))).status).toBe(403)
})

it('lets in its own origin and those of the settings', async () => {
  await using app = await createTestApp({ MARQUEE_ORIGINS: 'https://panel.example' })
  for (const origin of ['http://localhost', 'https://panel.example']) {
    expect((await app.fetch('/trpc/accounts.signOut', post('{}', { origin }))).status).toBe(200)
  }
})

it('gives no links and no session under a foreign host name', async () => {
  await using app = await createTestApp()
  const answer = await app.fetch(
    new Request('http://localhost/trpc/accounts.serverState', { headers: { host: 'evil.example' } }),
  )
  expect(answer.status).toBe(403)
})

it('makes links of the public URL where one is set', async () => {
  await using app = await createTestApp({ MARQUEE_PUBLIC_URL: 'https://ads.example/' })
  const answer = await app.fetch(
    new Request('http://localhost/trpc/player.startPairing', post('{}', { host: 'ads.example' })),
  )
  expect((await answer.json()).result.data.confirmUrl).toMatch(/^https:\/\/ads\.example\/pair\?/)
})

it('refuses a key in a URL', async () => {
  await using app = await createTestApp()
  const answer = await app.fetch('/trpc/ads.list?key=mq_abcdefgh')
  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({ code: 'key-in-url' })
})

it('refuses a body of 5 MB before parsing it, and says how large one may be', async () => {
  await using app = await createTestApp()
  const answer = await app.fetch('/trpc/accounts.signIn', post(JSON.stringify({ email: 'x'.repeat(5_000_000) })))
  expect(answer.status).toBe(413)
  expect(await answer.json()).toMatchObject({ code: 'too-large', detail: { maxBytes: 4 * 1024 * 1024 } })
})

it('refuses a body of 1 MB to a query whose field may be short', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  await expect(app.as(owner).ads.list({ search: 'x'.repeat(1_000_000) })).rejects.toMatchObject({
    cause: { code: 'bad-input' },
  })
})

it('refuses JSON nested 10,000 deep', async () => {
  await using app = await createTestApp()
  const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`
  const answer = await app.fetch('/trpc/accounts.signIn', post(deep))
  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({ code: 'bad-input' })
})

it('counts no brackets inside of strings', async () => {
  await using app = await createTestApp()
  const answer = await app.fetch(
    '/trpc/accounts.signIn',
    post(JSON.stringify({ email: 'a@example.com', password: '[{"\\'.repeat(30) })),
  )
  expect(answer.status).toBe(401)
})

it('answers broken JSON and unknown procedures with codes of the list', async () => {
  await using app = await createTestApp()
  const broken = await app.fetch('/trpc/accounts.signIn', post('{'))
  expect([broken.status, (await broken.json()).error.data.code]).toEqual([400, 'bad-input'])
  const unknown = await app.fetch('/trpc/ads.nothing')
  expect([unknown.status, (await unknown.json()).error.data.code]).toEqual([404, 'not-found'])
})

it('names the field that does not fit', async () => {
  await using app = await createTestApp()
  const answer = await app.fetch('/trpc/accounts.signIn', post(JSON.stringify({ email: 'nobody', password: 'x' })))
  const { error } = await answer.json()
  expect(error.data).toMatchObject({ code: 'bad-input', detail: { field: 'email' } })
  expect(error.data.requestId).toMatch(/^[0-9a-f-]{36}$/)
})

it('sends the security headers with every answer', async () => {
  await using app = await createTestApp()
  for (const path of ['/healthz', '/nothing', '/trpc/accounts.serverState']) {
    const { headers } = await app.fetch(path)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(headers.get('referrer-policy')).toBe('same-origin')
  }
})

it('says what is not ready', async () => {
  await using app = await createTestApp()
  expect(await (await app.fetch('/readyz')).json()).toEqual({
    ok: true,
    checks: { database: 'ok', storage: 'ok', disk: 'ok' },
  })
  await app.db.close()
  // Probes get a fresh answer every two seconds.
  app.clock.advance(2_000)
  const answer = await app.fetch('/readyz')
  expect(answer.status).toBe(503)
  expect((await answer.json()).checks.database).not.toBe('ok')
})

it('tells nothing of its insides when something breaks', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  await app.db.close()
  await expect(app.as(owner).ads.list({})).rejects.toMatchObject({
    cause: { code: expect.stringMatching(/internal|unavailable/) },
  })
  const [line] = app.log.lines.filter(({ level }) => level === 'error')
  expect(line?.text).toBe('A procedure failed')
})
