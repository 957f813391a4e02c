import { expect, it } from 'vitest'
import { code } from '../../../test/refusals.ts'
import { addBareAd, pairScreen } from '../../../test/screens.ts'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'
import type { Actor, Manager } from '../../access.ts'
import { newId } from '../../lib/id.ts'
import { sweepPlays } from './plays.usecases.ts'
import { flushReports } from './reports.usecases.ts'

const noon = new Date('2026-11-24T12:00:00.000Z')

async function shop(app: TestApp) {
  const owner = await app.tenant()
  const [one, two] = [
    await addBareAd(app.deps, owner, { draft: { title: 'One' } }),
    await addBareAd(app.deps, owner, { draft: { title: 'Two' } }),
  ]
  return { owner, one, two, ...(await pairScreen(app, owner)) }
}

async function began(app: TestApp, actor: Actor, ids: string[], at = app.clock.now()): Promise<void> {
  const plays = ids.map((adId) => ({ adId, at: at.getTime() }))
  await app.as(actor).player.report({ revision: 1, adId: ids.at(-1) ?? null, began: plays })
  await flushReports(app.deps)
}

async function listed(app: TestApp, owner: Manager, filter = {}) {
  const { items } = await app.as(owner).screens.plays(filter)
  return items.map(({ day, screen, ad, plays }) => `${day} ${screen.name}: ${ad.title} × ${plays}`)
}

it('counts how often an ad began on a screen, also one that begins again and again', async () => {
  await using app = await createTestApp()
  app.clock.set(noon)
  const { owner, one, two, actor } = await shop(app)
  await began(app, actor, [one.id, two.id, one.id])
  await began(app, actor, [one.id])
  await began(app, actor, [])
  expect(await listed(app, owner)).toEqual(
    expect.arrayContaining(['2026-11-24 Window: One × 3', '2026-11-24 Window: Two × 1']),
  )
})

it('counts a new ad of a player of before, which says only what is on', async () => {
  await using app = await createTestApp()
  app.clock.set(noon)
  const { owner, one, two, actor } = await shop(app)
  for (const adId of [one.id, one.id, two.id, one.id]) await app.as(actor).player.report({ revision: 1, adId })
  await flushReports(app.deps)
  expect((await listed(app, owner)).sort()).toEqual(['2026-11-24 Window: One × 2', '2026-11-24 Window: Two × 1'])
})

it('writes no more often for it: what began waits for the flush of all reports', async () => {
  await using app = await createTestApp()
  const { owner, one, two, actor } = await shop(app)
  await began(app, actor, [one.id])
  const report = { revision: 1, adId: one.id, began: [{ adId: two.id, at: app.clock.now().getTime() }] }
  await app.as(actor).player.report(report)
  expect(await listed(app, owner)).toHaveLength(1)
  await flushReports(app.deps)
  expect(await listed(app, owner)).toHaveLength(2)
})

it("counts by the days of the tenant's own time zone, and by the instant at which it began", async () => {
  await using app = await createTestApp()
  app.clock.set(new Date('2026-11-24T16:30:00.000Z'))
  const { owner, one, actor } = await shop(app)
  await app.as(owner).tenants.update({ timeZone: 'Asia/Shanghai' })
  await began(app, actor, [one.id])
  await began(app, actor, [one.id], noon)
  expect(await listed(app, owner)).toEqual(['2026-11-25 Window: One × 1', '2026-11-24 Window: One × 1'])
})

it('takes an instant of a wrong clock for now, and leaves out what is no ad of the tenant', async () => {
  await using app = await createTestApp()
  app.clock.set(noon)
  const { owner, one, actor } = await shop(app)
  const other = await shop(app)
  await began(app, actor, [one.id, other.one.id, newId()], new Date(0))
  await began(app, actor, [one.id], new Date('2031-01-01T00:00:00.000Z'))
  expect(await listed(app, owner)).toEqual(['2026-11-24 Window: One × 2'])
  expect(await listed(app, other.owner)).toEqual([])
})

it('keeps the names of ads and screens that are gone, gives pages, and filters', async () => {
  await using app = await createTestApp()
  app.clock.set(noon)
  const { owner, one, two, actor, screen } = await shop(app)
  await began(app, actor, [one.id, two.id])
  app.clock.advance(24 * 60 * 60 * 1000)
  await began(app, actor, [one.id])
  await app.as(owner).ads.remove({ ids: [one.id] })
  await app.as(owner).screens.revoke({ id: screen.id })
  const all = await listed(app, owner)
  expect(all).toHaveLength(3)
  const pages: string[] = []
  for (let cursor: string | null = null, first = true; first || cursor !== null; first = false) {
    const page: Awaited<ReturnType<ReturnType<TestApp['as']>['screens']['plays']>> = await app
      .as(owner)
      .screens.plays({ cursor, limit: 1 })
    pages.push(...page.items.map(({ day, screen, ad, plays }) => `${day} ${screen.name}: ${ad.title} × ${plays}`))
    cursor = page.nextCursor
  }
  expect(pages).toEqual(all)
  expect(await listed(app, owner, { from: '2026-11-25' })).toEqual(['2026-11-25 Window: One × 1'])
  expect(await listed(app, owner, { until: '2026-11-24', adId: two.id })).toEqual(['2026-11-24 Window: Two × 1'])
  expect(await listed(app, owner, { screenId: newId() })).toEqual([])
  await expect(app.as(owner).screens.plays({ cursor: 'nonsense' })).rejects.toEqual(code('bad-input'))
  await expect(app.as(owner).screens.plays({ from: '24.11.2026' })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
})

it('forgets them after a year', async () => {
  await using app = await createTestApp()
  app.clock.set(noon)
  const { owner, one, actor } = await shop(app)
  await began(app, actor, [one.id])
  app.clock.advance(365 * 24 * 60 * 60 * 1000)
  await began(app, actor, [one.id])
  await sweepPlays(app.deps)
  expect(await listed(app, owner)).toHaveLength(2)
  app.clock.advance(3 * 24 * 60 * 60 * 1000)
  await sweepPlays(app.deps)
  expect(await listed(app, owner)).toEqual(['2027-11-24 Window: One × 1'])
})
