import { attemptWindowMs } from '@marquee/shared/accounts.ts'
import { describe, expect, test, vi } from 'vitest'
import { ada, type Browser, openBrowser, openMember, openOwner } from '../../../test/browser.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { setUpLink } from './accounts.usecases.ts'
import { clearAttempts, ensureAttemptsLeft, noteFailure, takeAttempts } from './attempts.usecases.ts'

const day = 24 * 60 * 60 * 1000
const { email, password } = ada
const signIn = (browser: Browser, input = { email, password }) => browser.call((api) => api.accounts.signIn(input))
const me = (browser: Browser) => browser.call((api) => api.accounts.me())

describe('the first owner', () => {
  test('is made with account, tenant and session in one step by the link of the start', async () => {
    await using app = await createTestApp()
    expect(await app.as(null).accounts.serverState()).toMatchObject({
      fresh: true,
      version: expect.stringMatching(/^\d/),
    })
    const browser = await openOwner(app)
    const tenant = { id: 'ada_co', name: 'Ada & Co', timeZone: 'UTC' }
    expect(await me(browser)).toMatchObject({ operator: true, role: 'owner', tenant, user: { email } })
    expect(await app.as(null).accounts.serverState()).toMatchObject({ fresh: false })
  })
  test('gets a tenant id of its own kind where the name has no letters of ASCII', async () => {
    await using app = await createTestApp()
    const token = (await setUpLink(app.deps))?.split('/setup/')[1] ?? ''
    const result = await app
      .as(null)
      .accounts.setUp({ ...ada, tenantName: '北京咖啡', timeZone: 'Asia/Nowhere', token })
    expect(result.tenant).toMatchObject({ id: 'client_001', name: '北京咖啡', timeZone: 'UTC' })
  })
  test('is made once: the link works once, and there is none any more', async () => {
    await using app = await createTestApp()
    const token = (await setUpLink(app.deps))?.split('/setup/')[1] ?? ''
    const two = [1, 2].map((n) =>
      openBrowser(app).call((api) => api.accounts.setUp({ ...ada, email: `a${n}@example.com`, token })),
    )
    const done = await Promise.allSettled(two)
    expect(done.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(await setUpLink(app.deps)).toBeNull()
    await expect(app.as(null).accounts.setUp({ ...ada, token })).rejects.toMatchObject({
      cause: { code: 'link-expired' },
    })
  })
  test('needs the link of the latest start, and guesses are limited', async () => {
    await using app = await createTestApp()
    const old = (await setUpLink(app.deps))?.split('/setup/')[1] ?? ''
    await setUpLink(app.deps)
    const guess = () => app.as(null).accounts.setUp({ ...ada, token: old })
    for (let n = 0; n < 5; n++) await expect(guess()).rejects.toMatchObject({ cause: { code: 'link-expired' } })
    await expect(guess()).rejects.toMatchObject({ cause: { code: 'too-many-attempts' } })
  })
})

describe('signing in', () => {
  test('sets a cookie that scripts cannot read and other sites do not send', async () => {
    await using app = await createTestApp()
    await openOwner(app)
    const browser = openBrowser(app)
    expect((await signIn(browser, { email: 'ADA@Example.com', password })).user.email).toBe(email)
    expect(browser.setCookies[0]).toMatch(/^marquee_session=\S{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/)
  })
  test('sets a cookie for https alone when the server is reached by https', async () => {
    await using app = await createTestApp()
    await openOwner(app)
    Object.assign(app.deps, { baseUrl: 'https://ads.example.com' })
    const browser = openBrowser(app)
    await signIn(browser)
    expect(browser.setCookies[0]).toMatch(/; Secure$/)
  })
  test('answers a wrong password and an unknown address alike', async () => {
    await using app = await createTestApp()
    await openOwner(app)
    const refusal = async (input: typeof ada | { email: string; password: string }) =>
      openBrowser(app)
        .call((api) => api.accounts.signIn(input))
        .then(
          () => null,
          (error: Error) => ({ text: error.message, cause: String(error.cause) }),
        )
    const wrong = await refusal({ email, password: 'not the password' })
    expect(wrong).toEqual(await refusal({ email: 'nobody@example.com', password: 'not the password' }))
    expect(wrong?.text).toBe('The email or the password is wrong')
  })
  test('is refused for a while after five wrong passwords, and says how long', async () => {
    await using app = await createTestApp()
    await openOwner(app)
    const wrong = (address: string) => signIn(openBrowser(app, { address }), { email, password: 'wrong' })
    for (let n = 1; n <= 5; n++)
      await expect(wrong(`192.0.2.${n}`)).rejects.toMatchObject({ cause: { code: 'wrong-credentials' } })
    const right = signIn(openBrowser(app, { address: '192.0.2.9' }))
    await expect(right).rejects.toMatchObject({ cause: { code: 'too-many-attempts', detail: { retryAfter: 900 } } })
    app.clock.advance(attemptWindowMs)
    await expect(signIn(openBrowser(app, { address: '192.0.2.9' }))).resolves.toMatchObject({ user: { email } })
  })
  test('is refused for an address that tried five accounts, but not for others', async () => {
    await using app = await createTestApp()
    await openOwner(app)
    const guess = (n: number) =>
      signIn(openBrowser(app, { address: '192.0.2.66' }), { email: `a${n}@example.com`, password: 'x' })
    for (let n = 0; n < 5; n++) await expect(guess(n)).rejects.toMatchObject({ cause: { code: 'wrong-credentials' } })
    await expect(signIn(openBrowser(app, { address: '192.0.2.66' }))).rejects.toMatchObject({
      cause: { code: 'too-many-attempts' },
    })
    await expect(signIn(openBrowser(app, { address: '192.0.2.67' }))).resolves.toMatchObject({ user: { email } })
  })
  test('many tries at once count like one after another', async () => {
    await using app = await createTestApp()
    await openOwner(app)
    const tries = Array.from({ length: 12 }, (_, n) =>
      signIn(openBrowser(app, { address: `192.0.2.${n}` }), { email, password: 'wrong' }),
    )
    const codes = (await Promise.allSettled(tries)).map((one) =>
      one.status === 'rejected' ? one.reason.cause.code : 'in',
    )
    expect(codes.filter((code) => code === 'wrong-credentials')).toHaveLength(5)
    expect(codes.filter((code) => code === 'too-many-attempts')).toHaveLength(7)
  })
  test('clears the count of the account when it succeeds', async () => {
    await using app = await createTestApp()
    await openOwner(app)
    for (let round = 0; round < 2; round++) {
      for (let n = 0; n < 4; n++) await takeAttempts(app.deps, [`sign-in:${email}`])
      await signIn(openBrowser(app))
    }
  })
})

describe('attempts of any kind', () => {
  const limits = { max: 2, windowMs: 1000 }
  test('run out, wait from the last failure, and come back', async () => {
    await using app = await createTestApp()
    await noteFailure(app.deps, 'code:x', limits)
    app.clock.advance(900)
    await noteFailure(app.deps, 'code:x', limits)
    app.clock.advance(900)
    const refused = { code: 'too-many-attempts', detail: { retryAfter: 1 } }
    await expect(ensureAttemptsLeft(app.deps, 'code:x', limits)).rejects.toMatchObject(refused)
    await expect(takeAttempts(app.deps, ['code:x'], limits)).rejects.toMatchObject(refused)
    await ensureAttemptsLeft(app.deps, 'code:y', limits)
    app.clock.advance(100)
    await ensureAttemptsLeft(app.deps, 'code:x', limits)
  })
  test('come back when they are cleared, and when the clock is set back', async () => {
    await using app = await createTestApp()
    for (const subject of ['a', 'b']) for (let n = 0; n < 2; n++) await noteFailure(app.deps, subject, limits)
    await clearAttempts(app.deps, 'a')
    await ensureAttemptsLeft(app.deps, 'a', limits)
    app.clock.advance(-60 * 60 * 1000)
    await ensureAttemptsLeft(app.deps, 'b', limits)
  })
})

describe('a session', () => {
  test('ends at sign-out', async () => {
    await using app = await createTestApp()
    const browser = await openOwner(app)
    const headers = browser.headers()
    await browser.call((api) => api.accounts.signOut())
    expect(browser.cookies.size).toBe(0)
    const thief = openBrowser(app)
    thief.cookies.set('marquee_session', /marquee_session=([^;]+)/.exec(headers.get('cookie') ?? '')?.[1] ?? '')
    await expect(me(thief)).rejects.toMatchObject({ cause: { code: 'not-signed-in' } })
  })
  test('lives for 30 days after its last use', async () => {
    await using app = await createTestApp()
    const browser = await openOwner(app)
    const { sessions } = app.db.read.tables
    const forget = async () => {
      const [session] = await app.db.read.select().from(sessions)
      const event = { tenantId: '', kind: 'access.changed', subjectId: session?.id ?? null } as const
      await app.db.write((tx) => app.events.append(tx, event))
      await app.events.lastId()
    }
    app.clock.advance(29 * day)
    await me(browser)
    await vi.waitFor(async () =>
      expect((await app.db.read.select().from(sessions))[0]?.updatedAt).toEqual(app.clock.now()),
    )
    await forget()
    app.clock.advance(29 * day)
    await me(browser)
    app.clock.advance(31 * day)
    await expect(me(browser)).rejects.toMatchObject({ cause: { code: 'not-signed-in' } })
    await forget()
    await expect(me(browser)).rejects.toMatchObject({ cause: { code: 'not-signed-in' } })
  })
  test('shows in the list of its person, who can end it, and nobody else can', async () => {
    await using app = await createTestApp()
    const here = await openOwner(app)
    const phone = openBrowser(app, { address: '198.51.100.7' })
    await signIn(phone)
    const editor = await openMember(app, here, 'editor')
    const { items } = await here.call((api) => api.accounts.sessions())
    const other = items.find(({ current }) => !current)
    expect(items).toHaveLength(2)
    expect(other).toMatchObject({ address: '198.51.100.7' })
    const end = (browser: Browser) => browser.call((api) => api.accounts.endSession({ id: other?.id ?? '' }))
    await expect(end(editor)).rejects.toMatchObject({ cause: { code: 'not-found' } })
    await end(here)
    await expect(me(phone)).rejects.toMatchObject({ cause: { code: 'not-signed-in' } })
    await expect(me(here)).resolves.toMatchObject({ user: { email } })
  })
  test('stays alone when its person signs out everywhere', async () => {
    await using app = await createTestApp()
    const here = await openOwner(app)
    const others = [openBrowser(app), openBrowser(app)]
    for (const other of others) await signIn(other)
    await here.call((api) => api.accounts.signOutEverywhere())
    for (const other of others) await expect(me(other)).rejects.toMatchObject({ cause: { code: 'not-signed-in' } })
    expect((await here.call((api) => api.accounts.sessions())).items).toHaveLength(1)
  })
  test('is told to those who hold a subscription open when it ends', async () => {
    await using app = await createTestApp()
    const here = await openOwner(app)
    await signIn(openBrowser(app))
    const other = (await here.call((api) => api.accounts.sessions())).items.find(({ current }) => !current)
    const heard: unknown[] = []
    app.events.listen((event) => heard.push([event.tenantId, event.kind, event.subjectId]))
    await here.call((api) => api.accounts.signOutEverywhere())
    expect(heard).toContainEqual(['ada_co', 'access.changed', other?.id])
  })
  test('is not there in clear in the database, nor is any password', async () => {
    await using app = await createTestApp()
    const browser = await openOwner(app)
    const token = browser.cookies.get('marquee_session') ?? ''
    const { users, sessions, accounts, marks } = app.db.read.tables
    const rows = JSON.stringify(
      await Promise.all([users, sessions, accounts, marks].map((table) => app.db.read.select().from(table))),
    )
    expect(token).toHaveLength(43)
    expect(rows).toContain(email)
    expect(rows).not.toContain(token)
    expect(rows).not.toContain(password)
    expect(JSON.stringify(app.log.lines)).not.toContain(password)
  })
  test('with nonsense in the cookie is nobody', async () => {
    await using app = await createTestApp()
    await openOwner(app)
    for (const value of ['', 'x', '%', '%zz', 'a'.repeat(10_000)]) {
      const browser = openBrowser(app)
      browser.cookies.set('marquee_session', value)
      await expect(me(browser)).rejects.toMatchObject({ cause: { code: 'not-signed-in' } })
    }
  })
})

describe('a password', () => {
  test('changes with the current one, and every other session ends', async () => {
    await using app = await createTestApp()
    const here = await openOwner(app)
    const other = openBrowser(app)
    await signIn(other)
    await here.call((api) => api.accounts.changePassword({ current: password, next: 'another long one' }))
    await expect(me(other)).rejects.toMatchObject({ cause: { code: 'not-signed-in' } })
    await expect(me(here)).resolves.toMatchObject({ user: { email } })
    await expect(signIn(other)).rejects.toMatchObject({ cause: { code: 'wrong-credentials' } })
    await signIn(other, { email, password: 'another long one' })
  })
  test('stays without the current one, and guesses are limited', async () => {
    await using app = await createTestApp()
    const here = await openOwner(app)
    const guess = () => here.call((api) => api.accounts.changePassword({ current: 'guess', next: 'another long one' }))
    for (let n = 0; n < 5; n++) await expect(guess()).rejects.toMatchObject({ cause: { code: 'wrong-credentials' } })
    await expect(guess()).rejects.toMatchObject({ cause: { code: 'too-many-attempts' } })
    await signIn(openBrowser(app, { address: '192.0.2.200' }))
  })
  test('has ten characters or more', async () => {
    await using app = await createTestApp()
    const here = await openOwner(app)
    const change = here.call((api) => api.accounts.changePassword({ current: password, next: 'short' }))
    await expect(change).rejects.toMatchObject({ cause: { code: 'bad-input' } })
  })
})

test('a person changes their name, which shows at once', async () => {
  await using app = await createTestApp()
  const browser = await openOwner(app)
  await me(browser)
  await browser.call((api) => api.accounts.updateMe({ name: 'Ada Lovelace' }))
  expect((await me(browser)).user.name).toBe('Ada Lovelace')
})
