import { expect, it } from 'vitest'
import { openBeside } from '../../../test/beside.ts'
import { pairScreen, publish } from '../../../test/screens.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { AppError } from '../../errors.ts'
import { findScreenActor, revokeScreen } from '../screens/screens.usecases.ts'
import { announce } from './announce.usecases.ts'
import { watchChanges, watchScreen } from './live.usecases.ts'

it('begins a fresh subscription with reset, then tells what changes in the tenant, of no other', async () => {
  await using app = await createTestApp()
  const [one, two] = [await app.tenant(), await app.tenant()]
  await publish(app.deps, one)
  const stop = new AbortController()
  const changes = watchChanges(app.deps, one, { signal: stop.signal, recheck: async () => one })
  const hello = (await changes.next()).value
  expect(hello).toEqual([expect.stringMatching(/^\d+$/), { kind: 'reset', subjectId: null, revision: null }])
  await publish(app.deps, two)
  const revision = await publish(app.deps, one)
  expect((await changes.next()).value).toEqual([
    expect.stringMatching(/^\d+$/),
    { kind: 'ads.changed', subjectId: expect.any(String), revision },
  ])
  const next = changes.next()
  stop.abort()
  expect((await next).done).toBe(true)
})

it('goes on behind the last id, in order, with nothing lost and nothing twice', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const first = watchChanges(app.deps, owner, { recheck: async () => owner })
  const [lastEventId] = (await first.next()).value ?? []
  await first.return(undefined)
  const missed = [await publish(app.deps, owner), await publish(app.deps, owner)]
  const resumed = watchChanges(app.deps, owner, { lastEventId, recheck: async () => owner })
  const seen = [await resumed.next(), await resumed.next()]
  missed.push(await publish(app.deps, owner))
  seen.push(await resumed.next())
  expect(seen.map(({ value }) => value?.[1].revision)).toEqual(missed)
  await resumed.return(undefined)
})

it('starts anew for an id that is not one of ours', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  for (const lastEventId of ['', 'x', '-1', '1e3', '999999999999999', '99999999999999999999', "1' OR 1"]) {
    const changes = watchChanges(app.deps, owner, { lastEventId, recheck: async () => owner })
    expect((await changes.next()).value?.[1].kind, lastEventId).toBe('reset')
    await changes.return(undefined)
  }
})

it('resets a subscription whose missed events were purged', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const first = watchChanges(app.deps, owner, { recheck: async () => owner })
  const [lastEventId] = (await first.next()).value ?? []
  await first.return(undefined)
  await publish(app.deps, owner)
  await app.events.purge(new Date(app.clock.now().getTime() + 1))
  const resumed = watchChanges(app.deps, owner, { lastEventId, recheck: async () => owner })
  expect((await resumed.next()).value?.[1].kind).toBe('reset')
  await resumed.return(undefined)
})

it('ends within a second when the access ends, with the reason', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const refusals = [
    [async () => Promise.reject(new AppError('not-signed-in', 'Gone')), 'not-signed-in'],
    [async () => ({ ...owner, tenantId: 'elsewhere' }), 'not-allowed'],
    [
      async () =>
        ({ kind: 'key', keyId: 'k', name: 'k', tenantId: owner.tenantId, scopes: [], purpose: 'script' }) as const,
      'not-allowed',
    ],
  ] as const
  for (const [recheck, code] of refusals) {
    const changes = watchChanges(app.deps, owner, { recheck })
    await changes.next()
    const ended = changes.next()
    const started = performance.now()
    await app.db.write((tx) =>
      announce(app.deps, { tx, tenantId: owner.tenantId, kind: 'access.changed', forScreens: false }),
    )
    await expect(ended).rejects.toMatchObject({ code })
    expect(performance.now() - started).toBeLessThan(1_000)
  }
})

it("goes on when somebody else's access ends", async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const changes = watchChanges(app.deps, owner, { recheck: async () => ({ ...owner, name: 'Looked up again' }) })
  await changes.next()
  await app.db.write((tx) =>
    announce(app.deps, { tx, tenantId: owner.tenantId, kind: 'access.changed', forScreens: false }),
  )
  expect((await changes.next()).value?.[1].kind).toBe('access.changed')
  await changes.return(undefined)
})

it('tells a screen the newest revision at once, and of several quick changes the last', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const { actor } = await pairScreen(app, owner)
  const revision = await publish(app.deps, owner)
  const notices = watchScreen(app.deps, actor, {})
  expect((await notices.next()).value).toEqual([String(revision), { kind: 'revision', revision }])
  for (let change = 0; change < 5; change++) await publish(app.deps, owner)
  await expect.poll(() => app.events.lastId()).toBeGreaterThan(0)
  expect((await notices.next()).value?.[1]).toEqual({ kind: 'revision', revision: revision + 5 })
  await notices.return(undefined)
})

it('does not wake screens for what other screens report, nor for other tenants', async () => {
  await using app = await createTestApp()
  const [one, two] = [await app.tenant(), await app.tenant()]
  const [a, b] = [await pairScreen(app, one, 'A'), await pairScreen(app, one, 'B')]
  const notices = watchScreen(app.deps, a.actor, {})
  const first = (await notices.next()).value?.[1]
  const next = notices.next()
  await app.as(b.actor).player.report({ revision: 77, adId: null })
  await publish(app.deps, two)
  const revision = await publish(app.deps, one)
  expect(first).toEqual({ kind: 'revision', revision: revision - 1 })
  expect((await next).value?.[1]).toEqual({ kind: 'revision', revision })
  await notices.return(undefined)
})

it('tells a revoked screen within a second and ends; the others go on', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const [gone, stays] = [await pairScreen(app, owner, 'Gone'), await pairScreen(app, owner, 'Stays')]
  const notices = watchScreen(app.deps, gone.actor, {})
  const others = watchScreen(app.deps, stays.actor, {})
  await Promise.all([notices.next(), others.next()])
  const [ended, next] = [notices.next(), others.next()]
  const started = performance.now()
  await app.as(owner).screens.revoke({ id: gone.screen.id })
  expect((await ended).value).toEqual(['revoked', { kind: 'revoked' }])
  expect(performance.now() - started).toBeLessThan(1_000)
  expect((await notices.next()).done).toBe(true)
  const revision = await publish(app.deps, owner)
  expect((await next).value?.[1]).toEqual({ kind: 'revision', revision })
  await others.return(undefined)
})

it('counts a screen that just connected as online, before it reports', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const { actor } = await pairScreen(app, owner)
  expect((await app.as(owner).screens.list()).items[0]).toMatchObject({ online: false, lastSeenAt: null })
  const notices = watchScreen(app.deps, actor, {})
  await notices.next()
  const now = app.clock.now().toISOString()
  expect((await app.as(owner).screens.list()).items[0]).toMatchObject({ online: true, lastSeenAt: now })
  await notices.return(undefined)
})

it('hears within a second what another process changes and revokes', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const { actor, headers, screen } = await pairScreen(app, owner)
  expect(await findScreenActor(app.deps, headers)).not.toBeNull()
  const notices = watchScreen(app.deps, actor, {})
  await notices.next()
  await using other = await openBeside(app.deps)
  const started = performance.now()
  const revision = await publish(other, owner)
  expect((await notices.next()).value?.[1]).toEqual({ kind: 'revision', revision })
  await revokeScreen(other, owner, { id: screen.id })
  expect((await notices.next()).value?.[1]).toEqual({ kind: 'revoked' })
  await expect.poll(() => findScreenActor(app.deps, headers), { timeout: 1_000, interval: 20 }).toBeNull()
  expect(performance.now() - started).toBeLessThan(2_000)
})

it('ends a screen subscription when its connection ends', async () => {
  await using app = await createTestApp()
  const { actor } = await pairScreen(app, await app.tenant())
  const gone = new AbortController()
  const notices = watchScreen(app.deps, actor, { signal: gone.signal })
  await notices.next()
  const next = notices.next()
  gone.abort()
  expect((await next).done).toBe(true)
})
