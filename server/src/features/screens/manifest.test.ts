import { manifestV1 } from '@marquee/shared/manifest.ts'
import { expect, it } from 'vitest'
import { addBareAd, pairScreen } from '../../../test/screens.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { linkLifeMs } from '../media/media.usecases.ts'
import { getManifest } from './manifest.usecases.ts'

const film = { kind: 'film', type: 'video/mp4', durationMs: 7_000, videoCodec: 'avc' } as const

it('holds the enabled ads in order with all that a screen needs to play them', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const { actor, screen } = await pairScreen(app, owner)
  const until = new Date(app.clock.now().getTime() + 60_000)
  const first = await addBareAd(app.deps, owner, {
    asset: film,
    draft: { title: 'Film', volume: 30, durationMs: 99_000 },
  })
  await addBareAd(app.deps, owner, { draft: { enabled: false } })
  const second = await addBareAd(app.deps, owner, {
    draft: { title: 'Picture', fit: 'cover', validUntil: until.toISOString() },
  })
  const third = await addBareAd(app.deps, owner, { draft: { durationMs: 3_000 } })
  const manifest = manifestV1.parse(await app.as(actor).player.manifest())
  const { revision } = await app.as(owner).screens.list()
  expect(manifest).toMatchObject({ version: 1, revision, serverTime: app.clock.now().getTime() })
  expect(manifest.screen).toEqual({ id: screen.id, name: 'Window', orientation: 0, muted: false, shuffle: false })
  expect(manifest.items.map(({ adId, durationMs }) => [adId, durationMs])).toEqual([
    [first.id, 7_000],
    [second.id, 10_000],
    [third.id, 3_000],
  ])
  const url = expect.stringMatching(/^http:\/\/localhost\/media\//)
  expect(manifest.items[0]).toMatchObject({
    title: 'Film',
    kind: 'film',
    type: 'video/mp4',
    volume: 30,
    size: 1234,
    url,
  })
  expect(manifest.items[1]).toMatchObject({
    kind: 'picture',
    fit: 'cover',
    validFrom: null,
    validUntil: until.getTime(),
  })
})

it("holds the tenant's own ads alone", async () => {
  await using app = await createTestApp()
  const [one, two] = [await app.tenant(), await app.tenant()]
  await addBareAd(app.deps, one)
  const { actor } = await pairScreen(app, two)
  expect((await app.as(actor).player.manifest()).items).toEqual([])
})

it('includes what is valid later and leaves out what is over', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const { actor } = await pairScreen(app, owner)
  const at = (ms: number) => new Date(app.clock.now().getTime() + ms).toISOString()
  const later = await addBareAd(app.deps, owner, { draft: { validFrom: at(60_000) } })
  await addBareAd(app.deps, owner, { draft: { validUntil: at(-60_000) } })
  expect((await app.as(actor).player.manifest()).items.map(({ adId }) => adId)).toEqual([later.id])
})

it('shows every change with a newer revision, never with the old one', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const { actor, screen } = await pairScreen(app, owner)
  const empty = await app.as(actor).player.manifest()
  await addBareAd(app.deps, owner)
  const one = await app.as(actor).player.manifest()
  expect([one.revision, one.items.length]).toEqual([empty.revision + 1, 1])
  await app.as(owner).screens.update({ id: screen.id, muted: true, orientation: 180 })
  const turned = await app.as(actor).player.manifest()
  expect(turned.screen).toMatchObject({ muted: true, orientation: 180 })
  expect(turned.revision).toBe(one.revision + 1)
})

it('builds the items once for many screens that ask at once', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const screens = [await pairScreen(app, owner, 'A'), await pairScreen(app, owner, 'B')]
  await addBareAd(app.deps, owner)
  const [a, b] = await Promise.all(screens.map(({ actor }) => getManifest(app.deps, actor)))
  expect(a?.items).toBe(b?.items)
  expect([a?.screen.name, b?.screen.name]).toEqual(['A', 'B'])
})

it('gives links of the address that the screen uses', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const { actor } = await pairScreen(app, owner)
  await addBareAd(app.deps, owner)
  await getManifest(app.deps, actor)
  const [item] = (await getManifest({ ...app.deps, baseUrl: 'https://ads.example.com' }, actor)).items
  expect(item?.url).toMatch(/^https:\/\/ads\.example\.com\/media\//)
})

it('names a time to fetch anew at which the links still live, and then gives fresh ones', async () => {
  await using app = await createTestApp()
  // Links are the same for a whole day: right after midnight the time to fetch anew would be on the same one.
  app.clock.set(new Date('2026-11-24T12:00:00.000Z'))
  const owner = await app.tenant()
  const { actor } = await pairScreen(app, owner)
  await addBareAd(app.deps, owner)
  const first = await app.as(actor).player.manifest()
  const started = app.clock.now().getTime()
  expect(first.refreshBefore - started).toBeGreaterThan(linkLifeMs / 2)
  expect(first.refreshBefore - started).toBeLessThan(linkLifeMs)
  app.clock.advance(60_000)
  expect((await app.as(actor).player.manifest()).items[0]?.url).toBe(first.items[0]?.url)
  app.clock.set(new Date(first.refreshBefore))
  const next = await app.as(actor).player.manifest()
  expect(next.refreshBefore).toBeGreaterThan(first.refreshBefore)
  expect(next.items[0]?.url).not.toBe(first.items[0]?.url)
})
