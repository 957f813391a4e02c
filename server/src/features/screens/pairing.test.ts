import { maxPairingsPerAddress, pairingAlphabet, pairingLifetimeMs } from '@marquee/shared/screens.ts'
import { expect, it } from 'vitest'
import { pairScreen, requestWith } from '../../../test/screens.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { collectPairing, startPairing, watchPairing } from './pairing.usecases.ts'
import { findScreenActor } from './screens.usecases.ts'

const wrongCode = 'ZZZZZZ'

it('gives a code of 6 letters without 0, O, 1 and I, and the address of the panel that confirms it', async () => {
  await using app = await createTestApp()
  const { code, confirmUrl, expiresAt } = await startPairing(app.deps, requestWith())
  expect(code).toMatch(/^[A-HJ-NP-Z2-9]{6}$/)
  expect([...code].every((letter) => pairingAlphabet.includes(letter))).toBe(true)
  expect(confirmUrl).toBe(`http://localhost/pair?code=${code}`)
  expect(Date.parse(expiresAt)).toBe(app.clock.now().getTime() + pairingLifetimeMs)
})

it('keeps the code when the page is reloaded, until it is over', async () => {
  await using app = await createTestApp()
  const first = await startPairing(app.deps, requestWith())
  const again = await startPairing(app.deps, requestWith([first.cookie]))
  expect(again.code).toBe(first.code)
  app.clock.advance(pairingLifetimeMs)
  const later = await startPairing(app.deps, requestWith([again.cookie]))
  expect(later.code).not.toBe(first.code)
})

it('makes the screen of whoever confirms its code, whose browser alone gets the device token', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const { code, cookie } = await startPairing(app.deps, requestWith())
  expect(await collectPairing(app.deps, requestWith([cookie]))).toEqual({ state: 'waiting', cookies: [] })
  const screen = await app.as(owner).screens.confirmPairing({ code, name: 'Door', orientation: 90 })
  expect(screen).toMatchObject({ name: 'Door', orientation: 90, online: false, revision: 0 })

  expect((await collectPairing(app.deps, requestWith(['marquee_pairing=guessed']))).state).toBe('expired')
  const { state, cookies } = await collectPairing(app.deps, requestWith([cookie]))
  expect(state).toBe('paired')
  expect(cookies[0]).toMatch(/^marquee_screen=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=34560000$/)
  expect(cookies[1]).toMatch(/^marquee_pairing=; .*Max-Age=0/)
  const actor = await findScreenActor(app.deps, requestWith(cookies.slice(0, 1)).headers)
  expect(actor).toEqual({ kind: 'screen', screenId: screen.id, name: 'Door', tenantId: owner.tenantId })
})

it('keeps only hashes of the token and of the secret', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const { code, cookie } = await startPairing(app.deps, requestWith())
  await app.as(owner).screens.confirmPairing({ code, name: 'Door' })
  const { cookies } = await collectPairing(app.deps, requestWith([cookie]))
  const { screens, pairings } = app.db.read.tables
  const stored = JSON.stringify([await app.db.read.select().from(screens), await app.db.read.select().from(pairings)])
  for (const line of [cookie, ...cookies]) {
    const value = line.split(';')[0]?.split('=')[1]
    if (value) expect(stored).not.toContain(value)
  }
})

it('sends cookies over TLS only where the server is reached so', async () => {
  await using app = await createTestApp()
  const { cookie } = await startPairing({ ...app.deps, baseUrl: 'https://ads.example.com' }, requestWith())
  expect(cookie).toContain('; Secure')
})

it('gives the token again when the answer was lost', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const { code, cookie } = await startPairing(app.deps, requestWith())
  await app.as(owner).screens.confirmPairing({ code, name: 'Door' })
  const lost = await collectPairing(app.deps, requestWith([cookie]))
  expect(await collectPairing(app.deps, requestWith([cookie]))).toEqual(lost)
})

it('gives no token once the screen was revoked', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const { code, cookie } = await startPairing(app.deps, requestWith())
  const { id } = await app.as(owner).screens.confirmPairing({ code, name: 'Door' })
  await app.as(owner).screens.revoke({ id })
  expect((await collectPairing(app.deps, requestWith([cookie]))).state).toBe('expired')
  expect((await startPairing(app.deps, requestWith([cookie]))).code).not.toBe(code)
})

it('lets a code be typed in lower case with spaces', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const { code } = await startPairing(app.deps, requestWith())
  const typed = `${code.slice(0, 3).toLowerCase()} ${code.slice(3)}-`
  expect(await app.as(owner).screens.confirmPairing({ code: typed, name: 'Door' })).toMatchObject({ name: 'Door' })
})

it('refuses a code that was used, also when two use it at once', async () => {
  await using app = await createTestApp()
  const [one, two] = [await app.tenant(), await app.tenant()]
  const { code } = await startPairing(app.deps, requestWith())
  const tries = await Promise.allSettled(
    [one, two].map((owner) => app.as(owner).screens.confirmPairing({ code, name: 'Door' })),
  )
  expect(tries.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  await expect(app.as(two).screens.confirmPairing({ code, name: 'Door' })).rejects.toMatchObject({
    cause: { code: 'not-found', reason: 'code-used' },
  })
  const counts = await Promise.all([one, two].map(async (owner) => (await app.as(owner).screens.list()).items.length))
  expect(counts.sort()).toEqual([0, 1])
})

it('refuses a code after 10 minutes, and removes it later', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const { code } = await startPairing(app.deps, requestWith())
  app.clock.advance(pairingLifetimeMs)
  const refused = app.as(owner).screens.confirmPairing({ code, name: 'Door' })
  await expect(refused).rejects.toMatchObject({ cause: { code: 'not-found', reason: 'code-expired' } })
  app.clock.advance(2 * 60 * 60 * 1000)
  await app.jobs.runDue()
  expect(await app.db.read.select().from(app.db.read.tables.pairings)).toEqual([])
})

it('limits guesses per person', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const { code } = await startPairing(app.deps, requestWith())
  for (let guess = 0; guess < 5; guess++) {
    const guessed = app
      .as(owner, { address: `10.0.0.${guess}` })
      .screens.confirmPairing({ code: wrongCode, name: 'Door' })
    await expect(guessed).rejects.toMatchObject({ cause: { code: 'not-found', reason: 'code-unknown' } })
  }
  const right = () => app.as(owner, { address: '10.0.1.1' }).screens.confirmPairing({ code, name: 'Door' })
  await expect(right()).rejects.toMatchObject({ cause: { code: 'too-many-attempts', detail: { retryAfter: 900 } } })
})

it('limits guesses per address, and a right code wins none back', async () => {
  await using app = await createTestApp()
  for (let guess = 0; guess < 5; guess++) {
    const owner = await app.tenant()
    await pairScreen(app, owner)
    await expect(app.as(owner).screens.confirmPairing({ code: wrongCode, name: 'Door' })).rejects.toMatchObject({
      cause: { code: 'not-found' },
    })
  }
  const { code } = await startPairing(app.deps, requestWith())
  const next = app.as(await app.tenant()).screens.confirmPairing({ code, name: 'Door' })
  await expect(next).rejects.toMatchObject({ cause: { code: 'too-many-attempts' } })
})

it('lets a hundred guesses at once try no more than five', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const tries = await Promise.allSettled(
    Array.from({ length: 100 }, () => app.as(owner).screens.confirmPairing({ code: wrongCode, name: 'Door' })),
  )
  const reasons = tries.map((one) => (one.status === 'rejected' ? one.reason.cause.code : 'paired'))
  expect(reasons.filter((code) => code === 'not-found')).toHaveLength(5)
  expect(reasons.filter((code) => code === 'too-many-attempts')).toHaveLength(95)
})

it('limits new codes per address', async () => {
  await using app = await createTestApp()
  for (let count = 0; count < maxPairingsPerAddress; count++) await startPairing(app.deps, requestWith())
  const refused = startPairing(app.deps, requestWith())
  await expect(refused).rejects.toMatchObject({ code: 'too-many-attempts', detail: { retryAfter: 600 } })
  expect(await startPairing(app.deps, requestWith([], '10.1.1.1'))).toHaveProperty('code')
  app.clock.advance(pairingLifetimeMs)
  expect(await startPairing(app.deps, requestWith())).toHaveProperty('code')
})

it('refuses a viewer who confirms, and what is no code', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const { code } = await startPairing(app.deps, requestWith())
  const viewer = app.as(await app.member(owner, 'viewer'))
  await expect(viewer.screens.confirmPairing({ code, name: 'Door' })).rejects.toMatchObject({
    cause: { code: 'not-allowed' },
  })
  for (const bad of ['', 'ABC', 'ABCDE0', '../../', 'ABCDEFG', '\u0000BCDEF']) {
    const refused = app.as(owner).screens.confirmPairing({ code: bad, name: 'Door' })
    await expect(refused, bad).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  }
})

it('tells the waiting screen of the confirmation within two seconds', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const { code, cookie } = await startPairing(app.deps, requestWith())
  const states = watchPairing(app.deps, requestWith([cookie]), { signal: new AbortController().signal })
  expect((await states.next()).value).toEqual(['waiting', { state: 'waiting' }])
  const next = states.next()
  const started = performance.now()
  await app.as(owner).screens.confirmPairing({ code, name: 'Door' })
  expect((await next).value).toEqual(['paired', { state: 'paired' }])
  expect(performance.now() - started).toBeLessThan(2_000)
  expect((await states.next()).done).toBe(true)
})

it('tells a waiting screen without a pairing that there is none, and ends when it goes away', async () => {
  await using app = await createTestApp()
  const none = watchPairing(app.deps, requestWith(), { signal: new AbortController().signal })
  expect((await none.next()).value).toEqual(['expired', { state: 'expired' }])
  expect((await none.next()).done).toBe(true)

  const { cookie } = await startPairing(app.deps, requestWith())
  const gone = new AbortController()
  const states = watchPairing(app.deps, requestWith([cookie]), { signal: gone.signal })
  await states.next()
  const next = states.next()
  gone.abort()
  expect((await next).done).toBe(true)
})
