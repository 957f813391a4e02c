import { afterAll, beforeAll, expect, it } from 'vitest'
import { at } from '../../../test/refusals.ts'
import { addBareAd, pairScreen } from '../../../test/screens.ts'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'
import type { KeyActor, Manager } from '../../access.ts'
import { flushReports } from '../screens/reports.usecases.ts'

let app: TestApp
let owner: Manager
let key: KeyActor
const film = {
  kind: 'film',
  type: 'video/mp4',
  durationMs: 7_000,
  videoCodec: 'avc',
  fileName: 'film.mp4',
  size: 2 ** 20,
} as const

beforeAll(async () => {
  app = await createTestApp()
  owner = await app.tenant()
  key = app.key(owner, ['ads:read', 'screens:read'], 'agent')
  await addBareAd(app.deps, owner, { asset: film, draft: { title: 'Film', tags: ['summer'] } })
  await addBareAd(app.deps, owner, { draft: { title: 'Off', enabled: false } })
  await addBareAd(app.deps, owner, { draft: { title: 'Later', validFrom: at(app, 60_000) } })
  await addBareAd(app.deps, owner, { draft: { title: 'Over', validUntil: at(app, -60_000) } })
  await addBareAd(app.deps, await app.tenant(), { draft: { title: 'Theirs' } })
})
afterAll(() => app[Symbol.asyncDispose]())

it('sums up what there is, by state and format, with the files in pages', async () => {
  const info = await app.as(key).agents.managementInfo({ limit: 3 })
  expect(info).toMatchObject({
    type: 'advertisement_management_info',
    status: 'ready',
    statistics: {
      total_ads: 4,
      live_ads: 1,
      off_ads: 1,
      waiting_ads: 1,
      over_ads: 1,
      total_size_bytes: 2 ** 20 + 3 * 1234,
      total_size_mb: 1,
      format_distribution: { mp4: 1, png: 3 },
    },
    session_stats: { total_ads: 1, session_plays: 0, total_plays: 0 },
    system_status: { screens: 0, screens_online: 0 },
  })
  expect(info.file_details.map(({ title, state }) => [title, state])).toEqual([
    ['Film', 'live'],
    ['Off', 'off'],
    ['Later', 'waiting'],
  ])
  const rest = await app.as(key).agents.managementInfo({ limit: 3, cursor: info.next_cursor })
  expect(rest.file_details.map(({ title }) => title)).toEqual(['Over'])
  expect((await app.as(key).agents.managementInfo({ include_file_details: false })).file_details).toEqual([])
})

it('counts anew after a change', async () => {
  const before = (await app.as(key).agents.managementInfo({})).statistics.total_ads
  await addBareAd(app.deps, owner, { draft: { title: 'One more', enabled: false } })
  expect((await app.as(key).agents.managementInfo({})).statistics.total_ads).toBe(before + 1)
})

it('says nothing of screens to a key that may not read them', async () => {
  const blind = app.as(app.key(owner, ['ads:read'])).agents
  expect((await blind.managementInfo({})).system_status).toBeNull()
  await expect(blind.screens({})).rejects.toMatchObject({ cause: { code: 'not-allowed' } })
})

it('tells what can be uploaded, and how often ads began on screens', async () => {
  const { screen, actor } = await pairScreen(app, owner)
  const [ad] = (await app.as(key).agents.playlist({})).playlist
  const began = [1, 2, 3].map(() => ({ adId: ad?.id ?? '', at: app.clock.now().getTime() }))
  await app.as(actor).player.report({ revision: 1, adId: ad?.id ?? null, began })
  await flushReports(app.deps)
  app.clock.advance(61_000)
  const { stats, supported_formats } = await app.as(key).agents.stats({})
  expect(stats.total_plays).toBe(3)
  expect(supported_formats).toEqual(expect.arrayContaining(['mp4', 'webm', 'png']))
  await app.as(owner).screens.revoke({ id: screen.id })
})

it('finds by words, tag, state and kind, each alone and together', async () => {
  const found = async (filter: object) =>
    (await app.as(key).agents.search(filter)).advertisements.map(({ title }) => title)
  expect(await found({ query: 'film' })).toEqual(['Film'])
  expect(await found({ tag: 'summer', kind: 'film' })).toEqual(['Film'])
  expect(await found({ state: 'over' })).toEqual(['Over'])
  expect(await found({ query: 'Theirs' })).toEqual([])
  await expect(app.as(key).agents.search({ state: 'gone' as 'off' })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
})

it('lists screens in pages, with what each plays', async () => {
  const own = await app.tenant()
  for (const name of ['One', 'Two', 'Three']) await pairScreen(app, own, name)
  const { actor } = await pairScreen(app, own, 'Four')
  const ad = await addBareAd(app.deps, own, { draft: { title: 'On' } })
  await app.as(actor).player.report({ revision: 1, adId: ad.id })
  await flushReports(app.deps)
  const first = await app.as(own).agents.screens({ limit: 3 })
  expect(first.screens.map(({ name, online }) => [name, online])).toEqual([
    ['One', false],
    ['Two', false],
    ['Three', false],
  ])
  const rest = await app.as(own).agents.screens({ limit: 3, cursor: first.next_cursor })
  expect(rest).toMatchObject({
    total_count: 4,
    next_cursor: null,
    screens: [{ name: 'Four', online: true, playing: { id: ad.id, title: 'On' } }],
  })
})
