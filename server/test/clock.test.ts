import sharp from 'sharp'
import { expect, it } from 'vitest'
import { createTestApp } from './test-app.ts'
import { uploadThrough } from './upload-through.ts'

const hour = 60 * 60 * 1000
const year = 365 * 24 * hour

const picture = (shade: number) =>
  sharp({ create: { width: 32, height: 32, channels: 3, background: { r: shade, g: 0, b: 0 } } })
    .png()
    .toBuffer()

it('goes on when the clock is set back an hour: new things are made, listed, delivered and undone', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const caller = app.as(owner)
  const first = await uploadThrough(app, owner, { bytes: await picture(1), fileName: 'first.png', ad: {} })
  app.clock.advance(-hour)
  const second = await uploadThrough(app, owner, { bytes: await picture(2), fileName: 'second.png', ad: {} })
  const { items } = await caller.ads.list({})
  expect(items.map(({ title }) => title)).toEqual(['first', 'second'])
  for (const { asset } of items) expect((await app.fetch(asset.url)).status).toBe(200)
  expect((await app.fetch(first.asset.url)).status).toBe(200)
  await caller.ads.remove({ ids: [second.ad?.id ?? ''] })
  await caller.ads.restore({ ids: [second.ad?.id ?? ''] })
  expect((await caller.ads.list({})).items).toHaveLength(2)
})

it('keeps every ad and screen when the clock jumps forward a year, and gives links that work then', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const { asset } = await uploadThrough(app, owner, { bytes: await picture(3), fileName: 'kept.png', ad: {} })
  const screenId = await app.screen(owner)
  app.clock.advance(year)
  await app.deps.jobs.runDue()
  expect((await app.fetch(asset.url)).status).toBe(403)
  const { items } = await app.as(app.screenActor(owner, screenId)).player.manifest()
  expect(items).toHaveLength(1)
  expect((await app.fetch(items[0]?.url ?? '')).status).toBe(200)
  app.clock.advance(-year)
  await app.deps.jobs.runDue()
  expect((await app.as(owner).ads.list({})).items).toHaveLength(1)
})

it('sweeps no upload that is fresh, whatever the clock did before it began', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  app.clock.advance(year)
  const upload = await app.as(owner).uploads.create({ fileName: 'a.png', size: 10 })
  await app.deps.jobs.runDue()
  expect((await app.as(owner).uploads.get({ id: upload.id })).arrived).toEqual([])
  app.clock.advance(-hour)
  await app.deps.jobs.runDue()
  expect((await app.as(owner).uploads.list({})).items).toHaveLength(1)
})
