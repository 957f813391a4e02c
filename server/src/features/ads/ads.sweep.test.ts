import { expect, test } from 'vitest'
import { picture } from '../../../test/fixtures/pictures.ts'
import { send } from '../../../test/fixtures/send.ts'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'

const hourMs = 60 * 60 * 1000
const file = (seed: number) => picture('png', { seed })

/** Time goes by, with all that the server does meanwhile. */
async function wait(app: TestApp, hours: number): Promise<void> {
  for (let hour = 0; hour < hours; hour++) {
    app.clock.advance(hourMs)
    await app.jobs.runDue()
  }
}

async function isServed(app: TestApp, { url }: { url: string }): Promise<boolean> {
  const answer = await app.fetch(url)
  return answer.status === 200 && (await answer.bytes()).length > 0
}
const keys = async (app: TestApp) => (await app.storage.list('', { limit: 100 })).items.map((item) => item.key)

test('an upload that became no ad within a day is removed, row, bytes and poster; ads and files of agents stay', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const shown = await send(app, owner, await file(1), { ad: {} })
  const agent = await send(app, owner, await file(2), { category: 'agent' })
  await send(app, owner, await file(3))
  expect(await keys(app)).toHaveLength(6)
  await wait(app, 23)
  expect(await keys(app)).toHaveLength(6)
  await wait(app, 3)
  const left = await app.db.read.select().from(app.db.read.tables.assets)
  expect(left.map((row) => row.id).sort()).toEqual([shown.asset.id, agent.asset.id].sort())
  expect(await keys(app)).toHaveLength(4)
})

test('one that becomes an ad within the day stays', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const { asset } = await send(app, owner, await file(1))
  await wait(app, 23)
  await app.as(owner).ads.create({ assetId: asset.id })
  await wait(app, 30)
  const { items } = await app.as(owner).ads.list({})
  expect(await isServed(app, { url: items[0]?.asset.url ?? '' })).toBe(true)
})

test('whoever sends the same bytes again has a day from then', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const first = await send(app, owner, await file(1))
  await wait(app, 23)
  const again = await send(app, owner, await file(1))
  expect(again).toMatchObject({ duplicate: true, asset: { id: first.asset.id } })
  await wait(app, 23)
  await app.as(owner).ads.create({ assetId: again.asset.id })
  await wait(app, 30)
  expect((await app.as(owner).ads.list({})).items).toHaveLength(1)
})

test('bytes of a deleted ad that were sent again before it was purged wait for their ad', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const { ad, asset } = await send(app, owner, await file(1), { ad: {} })
  await app.as(owner).ads.remove({ ids: [ad?.id ?? ''] })
  app.clock.advance(10_000)
  await send(app, owner, await file(1))
  app.clock.advance(30_000)
  await app.jobs.runDue()
  await app.as(owner).ads.create({ assetId: asset.id })
  expect(await isServed(app, asset)).toBe(true)
})

test('an old ad that was just deleted keeps its bytes while it can be restored, and not longer', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const { asset } = await send(app, owner, await file(1))
  const { ad } = await app.as(owner).ads.create({ assetId: asset.id })
  await wait(app, 48)
  const ids = [ad.id]
  await app.as(owner).ads.remove({ ids })
  app.clock.advance(29_000)
  await app.jobs.runDue()
  await app.as(owner).ads.restore({ ids })
  await wait(app, 2)
  expect(await keys(app)).toHaveLength(2)
  await app.as(owner).ads.remove({ ids })
  app.clock.advance(30_000)
  await app.jobs.runDue()
  expect(await keys(app)).toEqual([])
})

test('an ad made of an earlier upload is deleted with its bytes after the 30 s', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const { asset } = await send(app, owner, await file(1))
  app.clock.advance(1_000)
  const { ad } = await app.as(owner).ads.create({ assetId: asset.id })
  await app.as(owner).ads.remove({ ids: [ad.id] })
  app.clock.advance(30_000)
  await app.jobs.runDue()
  expect(await keys(app)).toEqual([])
})
