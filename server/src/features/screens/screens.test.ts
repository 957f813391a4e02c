import { offlineAfterMs } from '@marquee/shared/screens.ts'
import { expect, it } from 'vitest'
import { addBareAd, pairScreen, publish } from '../../../test/screens.ts'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'
import { closeReports, flushReports } from './reports.usecases.ts'
import { findScreenActor } from './screens.usecases.ts'

const countEvents = async (app: TestApp) => (await app.db.read.select().from(app.db.read.tables.events)).length

it('lists the screens of the tenant alone', async () => {
  await using app = await createTestApp()
  const [one, two] = [await app.tenant(), await app.tenant()]
  const window = await pairScreen(app, one, 'Window')
  await pairScreen(app, two, 'Other')
  const list = await app.as(one).screens.list()
  expect(list.items.map(({ id, name }) => ({ id, name }))).toEqual([{ id: window.screen.id, name: 'Window' }])
})

it("answers not-found for another tenant's screen, and changes nothing", async () => {
  await using app = await createTestApp()
  const [one, two] = [await app.tenant(), await app.tenant()]
  const { screen, headers } = await pairScreen(app, one)
  const stranger = app.as(two)
  await expect(stranger.screens.update({ id: screen.id, name: 'Mine' })).rejects.toMatchObject({
    cause: { code: 'not-found' },
  })
  await expect(stranger.screens.revoke({ id: screen.id })).rejects.toMatchObject({ cause: { code: 'not-found' } })
  expect((await app.as(one).screens.list()).items[0]).toMatchObject({ name: screen.name })
  expect(await findScreenActor(app.deps, headers)).not.toBeNull()
})

it('renames a screen without a new revision, and raises it when what is shown changes', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const { screen } = await pairScreen(app, owner)
  const { revision } = await app.as(owner).screens.list()
  expect(await app.as(owner).screens.update({ id: screen.id, name: 'Door' })).toMatchObject({ name: 'Door' })
  expect((await app.as(owner).screens.list()).revision).toBe(revision)
  const turned = await app.as(owner).screens.update({ id: screen.id, orientation: 270, muted: true, shuffle: true })
  expect(turned).toMatchObject({ name: 'Door', orientation: 270, muted: true, shuffle: true })
  expect((await app.as(owner).screens.list()).revision).toBe(revision + 1)
  await app.as(owner).screens.update({ id: screen.id, muted: true })
  expect((await app.as(owner).screens.list()).revision).toBe(revision + 1)
})

it('refuses a viewer who changes or revokes, and bad settings', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const { screen } = await pairScreen(app, owner)
  const viewer = app.as(await app.member(owner, 'viewer'))
  const { id } = screen
  await expect(viewer.screens.update({ id, name: 'No' })).rejects.toMatchObject({ cause: { code: 'not-allowed' } })
  await expect(viewer.screens.revoke({ id })).rejects.toMatchObject({ cause: { code: 'not-allowed' } })
  // 45 is no orientation.
  await expect(app.as(owner).screens.update({ id, orientation: 45 as 90 })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
  })
  for (const name of ['', '   ', '\u202e\u0000', 'x'.repeat(81)]) {
    await expect(app.as(owner).screens.update({ id, name })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  }
})

it('notes who paired, changed and revoked a screen', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const { screen } = await pairScreen(app, owner)
  await app.as(owner).screens.update({ id: screen.id, muted: true })
  await app.as(owner).screens.revoke({ id: screen.id })
  const { items } = await app.as(owner).activity.list({ subject: 'screen' })
  expect(items.map(({ action }) => action)).toEqual(['screen.revoke', 'screen.update', 'screen.pair'])
  expect(items[1]).toMatchObject({ actor: { id: owner.userId }, detail: { muted: true } })
})

it('refuses a revoked screen within a second, though it was just believed', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const { screen, actor, headers } = await pairScreen(app, owner)
  expect(await findScreenActor(app.deps, headers)).toMatchObject({ screenId: screen.id })
  await app.as(owner).screens.revoke({ id: screen.id })
  await expect.poll(() => findScreenActor(app.deps, headers), { timeout: 1_000, interval: 20 }).toBeNull()
  const player = app.as(actor).player
  for (const call of [() => player.manifest(), () => player.report({ revision: 1, adId: null })]) {
    await expect(call()).rejects.toMatchObject({ cause: { code: 'not-signed-in' } })
  }
})

it('knows no screen by a token that is altered, empty or very long', async () => {
  await using app = await createTestApp()
  const { headers } = await pairScreen(app, await app.tenant())
  const good = headers.get('cookie') ?? ''
  for (const cookie of [`${good}x`, good.slice(0, -1), 'marquee_screen=', `marquee_screen=${'a'.repeat(10_000)}`]) {
    expect(await findScreenActor(app.deps, new Headers({ cookie }))).toBeNull()
  }
  expect(await findScreenActor(app.deps, new Headers({ cookie: `a=b; ${good}; c=d` }))).not.toBeNull()
})

it('says what a screen plays, which revision it uses, and on how many screens the newest is', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const [first, second] = [await pairScreen(app, owner, 'First'), await pairScreen(app, owner, 'Second')]
  const ad = await addBareAd(app.deps, owner, { draft: { title: 'Coffee' } })
  const { revision } = await app.as(owner).screens.list()
  const size = { width: 1080, height: 1920, playerVersion: '0.1.0' }
  expect(await app.as(first.actor).player.report({ revision, adId: ad.id, ...size })).toEqual({ revision })
  expect(await app.as(second.actor).player.report({ revision: revision - 1, adId: null })).toEqual({ revision })
  const list = await app.as(owner).screens.list()
  expect(list).toMatchObject({ revision, upToDate: 1 })
  const playing = {
    adId: ad.id,
    title: 'Coffee',
    fit: 'contain',
    posterUrl: expect.stringMatching(/^http:\/\/localhost\/media\//),
  }
  expect(list.items[0]).toMatchObject({
    ...size,
    online: true,
    revision,
    playing,
    lastSeenAt: app.clock.now().toISOString(),
  })
  expect(list.items[1]).toMatchObject({ online: true, revision: revision - 1, playing: null, width: null })
})

it("does not show the title of another tenant's ad that a screen claims to play", async () => {
  await using app = await createTestApp()
  const [one, two] = [await app.tenant(), await app.tenant()]
  const ad = await addBareAd(app.deps, two, { draft: { title: 'Secret' } })
  const { actor } = await pairScreen(app, one)
  await app.as(actor).player.report({ revision: 1, adId: ad.id, problem: { adId: ad.id, reason: 'decode' } })
  const [screen] = (await app.as(one).screens.list()).items
  expect(screen).toMatchObject({ playing: null, problem: { title: null } })
})

it('counts a screen as offline after 45 s of silence, and says so once', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const { actor } = await pairScreen(app, owner)
  await app.as(actor).player.report({ revision: 1, adId: null })
  app.clock.advance(offlineAfterMs - 1)
  expect((await app.as(owner).screens.list()).items[0]).toMatchObject({ online: true })
  const events = await countEvents(app)
  app.clock.advance(1)
  expect((await app.as(owner).screens.list()).items[0]).toMatchObject({ online: false })
  await flushReports(app.deps)
  await flushReports(app.deps)
  expect(await countEvents(app)).toBe(events + 1)
  await app.as(actor).player.report({ revision: 1, adId: null })
  expect((await app.as(owner).screens.list()).items[0]).toMatchObject({ online: true })
  expect(await countEvents(app)).toBe(events + 2)
})

it('writes heartbeats together, a new revision at once', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const { actor, screen } = await pairScreen(app, owner)
  const stored = async () => (await app.db.read.select().from(app.db.read.tables.screens))[0]
  await app.as(actor).player.report({ revision: 1, adId: null })
  expect(await stored()).toMatchObject({ revision: 1, lastSeenAt: app.clock.now() })
  const before = app.clock.now()
  const events = await countEvents(app)
  app.clock.advance(15_000)
  await app.as(actor).player.report({ revision: 1, adId: null })
  expect(await stored()).toMatchObject({ lastSeenAt: before })
  expect((await app.as(owner).screens.list()).items[0]).toMatchObject({ lastSeenAt: app.clock.now().toISOString() })
  await flushReports(app.deps)
  expect(await stored()).toMatchObject({ lastSeenAt: app.clock.now() })
  expect(await countEvents(app)).toBe(events)
  await app.as(actor).player.report({ revision: 2, adId: null })
  expect(await stored()).toMatchObject({ id: screen.id, revision: 2 })
  expect(await countEvents(app)).toBe(events + 1)
})

it('writes the reports of a thousand screens in few transactions, with one event for all', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const { screen } = await pairScreen(app, owner)
  const revision = await publish(app.deps, owner)
  const { screens } = app.db.read.tables
  const [row] = await app.db.read.select().from(screens)
  const rows = Array.from({ length: 1_000 }, (_, n) => ({ ...row, id: crypto.randomUUID(), tokenHash: `hash ${n}` }))
  // `row` is there, as a screen was paired.
  await app.db.write(async (tx) => {
    for (let from = 0; from < rows.length; from += 100)
      await tx.insert(screens).values(rows.slice(from, from + 100) as never)
  })
  let commits = 0
  const stop = app.db.onCommit(() => commits++)
  const events = await countEvents(app)
  await Promise.all(rows.map(({ id }) => app.as(app.screenActor(owner, id)).player.report({ revision, adId: null })))
  stop()
  expect(commits).toBeLessThan(200)
  expect(await countEvents(app)).toBeLessThan(events + 200)
  const list = await app.as(owner).screens.list()
  expect(list).toMatchObject({ upToDate: 1_000 })
  expect(list.items.filter(({ online }) => !online).map(({ id }) => id)).toEqual([screen.id])
})

it('writes heartbeats within some seconds by itself', async () => {
  await using app = await createTestApp()
  const { actor } = await pairScreen(app, await app.tenant())
  await app.as(actor).player.report({ revision: 1, adId: null })
  app.clock.advance(15_000)
  await app.as(actor).player.report({ revision: 1, adId: null })
  const stored = async () => (await app.db.read.select().from(app.db.read.tables.screens))[0]?.lastSeenAt
  await expect.poll(stored, { timeout: 10_000 }).toEqual(app.clock.now())
})

it('writes what is left when the server stops', async () => {
  await using app = await createTestApp()
  const { actor } = await pairScreen(app, await app.tenant())
  await app.as(actor).player.report({ revision: 1, adId: null })
  app.clock.advance(15_000)
  await app.as(actor).player.report({ revision: 1, adId: null })
  await closeReports(app.deps)
  expect(await app.db.read.select().from(app.db.read.tables.screens)).toMatchObject([{ lastSeenAt: app.clock.now() }])
})

it('keeps the newest problem of a screen until it plays that item again', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const { actor } = await pairScreen(app, owner)
  const [bad, good] = [await addBareAd(app.deps, owner, { draft: { title: 'Bad' } }), await addBareAd(app.deps, owner)]
  const problem = { adId: bad.id, reason: 'decode failed\u0000' }
  const report = (input: { adId: string | null; problem?: typeof problem | null }) =>
    app.as(actor).player.report({ revision: 1, ...input })
  const shown = async () => (await app.as(owner).screens.list()).items[0]?.problem
  await report({ adId: good.id, problem })
  const at = app.clock.now().toISOString()
  expect(await shown()).toEqual({ adId: bad.id, title: 'Bad', reason: 'decode failed', at })
  app.clock.advance(5_000)
  await report({ adId: good.id, problem })
  await report({ adId: good.id })
  expect(await shown()).toMatchObject({ at })
  await report({ adId: bad.id })
  expect(await shown()).toBeNull()
})

it('refuses reports with numbers and texts out of bounds', async () => {
  await using app = await createTestApp()
  const { actor } = await pairScreen(app, await app.tenant())
  const good = { revision: 1, adId: null }
  const bad = [
    { revision: -1 },
    { revision: 2 ** 31 },
    { revision: 2 ** 53 },
    { revision: 1.5 },
    { adId: 'x' },
    { width: 0 },
    { height: 1e9 },
    { playerVersion: 'v'.repeat(41) },
    { problem: { adId: null, reason: 'r'.repeat(301) } },
  ]
  for (const part of bad) {
    await expect(app.as(actor).player.report({ ...good, ...part })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  }
  expect(await app.as(actor).player.report(good)).toHaveProperty('revision')
})
