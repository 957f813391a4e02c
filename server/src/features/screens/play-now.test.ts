import { manifestV1 } from '@marquee/shared/manifest.ts'
import { playNowForMs } from '@marquee/shared/screens.ts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { code } from '../../../test/refusals.ts'
import { addBareAd, pairScreen } from '../../../test/screens.ts'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'
import type { Manager } from '../../access.ts'

let app: TestApp
let owner: Manager

beforeAll(async () => {
  app = await createTestApp()
})
afterAll(() => app[Symbol.asyncDispose]())

async function shop() {
  owner = await app.tenant()
  const [loop, off] = [
    await addBareAd(app.deps, owner, { draft: { title: 'Loop' } }),
    await addBareAd(app.deps, owner, { draft: { title: 'Off', enabled: false, durationMs: 3_000 } }),
  ]
  const { screen, actor } = await pairScreen(app, owner)
  const manifest = async () => manifestV1.parse(await app.as(actor).player.manifest())
  return { loop, off, screen, actor, manifest }
}

it('tells one screen at once what to play, also what is not in its loop, and leaves the loop as it is', async () => {
  const { loop, off, screen, manifest } = await shop()
  const other = await pairScreen(app, owner, 'Door')
  const before = await manifest()
  expect(before.now).toBeNull()
  const told = await app.as(owner).screens.playNow({ id: screen.id, adId: off.id })
  const after = await manifest()
  expect(told).toMatchObject({ screen: { id: screen.id }, ad: { id: off.id, title: 'Off' }, revision: after.revision })
  expect(after.revision).toBe(before.revision + 1)
  expect(after.now).toMatchObject({
    item: { adId: off.id, durationMs: 3_000, url: expect.stringContaining('http://localhost/media/') },
    until: app.clock.now().getTime() + playNowForMs,
  })
  expect(after.items.map(({ adId }) => adId)).toEqual([loop.id])
  expect((await app.as(other.actor).player.manifest()).now).toBeNull()
})

it('wakes the screen', async () => {
  const { off, screen, actor } = await shop()
  const notices = (await app.as(actor).live.screen({}))[Symbol.asyncIterator]()
  await notices.next()
  const { revision } = await app.as(owner).screens.playNow({ id: screen.id, adId: off.id })
  expect((await notices.next()).value).toEqual(
    expect.arrayContaining([String(revision), { kind: 'revision', revision }]),
  )
  await notices.return?.()
})

it('forgets it when the screen did not begin in time, when the ad is deleted, and when something else is to be played', async () => {
  const { loop, off, screen, manifest } = await shop()
  const { screens } = app.as(owner)
  await screens.playNow({ id: screen.id, adId: off.id })
  const first = (await manifest()).now?.id
  await screens.playNow({ id: screen.id, adId: loop.id })
  const second = (await manifest()).now
  expect(second).toMatchObject({ item: { adId: loop.id } })
  expect(second?.id).not.toBe(first)
  app.clock.advance(playNowForMs)
  expect((await manifest()).now).toBeNull()
  await screens.playNow({ id: screen.id, adId: off.id })
  await app.as(owner).ads.remove({ ids: [off.id] })
  expect((await manifest()).now).toBeNull()
})

it("plays nothing of another tenant, nothing on another tenant's screen, nothing that is deleted, and nothing for a viewer", async () => {
  const { off, screen, manifest } = await shop()
  const stranger = await app.tenant()
  const theirs = await addBareAd(app.deps, stranger)
  const window = await pairScreen(app, stranger)
  const { screens } = app.as(owner)
  await expect(screens.playNow({ id: screen.id, adId: theirs.id })).rejects.toEqual(code('not-found'))
  await expect(screens.playNow({ id: window.screen.id, adId: off.id })).rejects.toEqual(code('not-found'))
  await app.as(owner).ads.remove({ ids: [off.id] })
  await expect(screens.playNow({ id: screen.id, adId: off.id })).rejects.toEqual(code('not-found'))
  const viewer = app.as(await app.member(owner, 'viewer'))
  await expect(viewer.screens.playNow({ id: screen.id, adId: off.id })).rejects.toEqual(code('not-allowed'))
  expect((await manifest()).now).toBeNull()
})

it('is in the activity, with the ad', async () => {
  const { off, screen } = await shop()
  await app.as(owner).screens.playNow({ id: screen.id, adId: off.id })
  const [entry] = (await app.as(owner).activity.list({})).items
  expect(entry).toMatchObject({
    action: 'screen.play',
    subject: { kind: 'screen', id: screen.id },
    detail: { adId: off.id, title: 'Off' },
  })
})
