import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { at, code } from '../../../test/refusals.ts'
import { addBareAd, pairScreen } from '../../../test/screens.ts'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'
import type { KeyActor, Manager } from '../../access.ts'
import { flushReports } from '../screens/reports.usecases.ts'
import { sweepCursors } from './agents.cursor.usecases.ts'

let app: TestApp
let owner: Manager
let key: KeyActor
let ids: Record<string, string>

const tools = (as: KeyActor | Manager = key) => app.as(as).agents
const nextTitle = async (as: KeyActor | Manager = key) => (await tools(as).next({})).advertisement?.title
const currentTitle = async () => (await tools().current({})).advertisement?.title

async function add(title: string, draft = {}): Promise<string> {
  ids[title] = (
    await addBareAd(app.deps, owner, { draft: { title, ...draft }, asset: { fileName: `${title}.png` } })
  ).id
  return ids[title]
}

beforeAll(async () => {
  app = await createTestApp()
})
beforeEach(async () => {
  owner = await app.tenant()
  key = app.key(owner, ['ads:read', 'screens:read'], 'agent')
  ids = {}
  for (const title of ['A', 'B', 'C']) await add(title)
})
afterAll(() => app[Symbol.asyncDispose]())

describe('the playlist', () => {
  it('has what is live, in order, with the fields of the first server: a stable id, and a url that plays', async () => {
    await add('Off', { enabled: false })
    await add('Later', { validFrom: at(app, 60_000) })
    const answer = await tools().playlist({})
    expect(answer).toMatchObject({
      type: 'advertisement_playlist',
      total_count: 3,
      shuffle_mode: false,
      config: { shuffle_mode: false, auto_advance: true, advance_mode: 'on_video_end', loop_playlist: true },
      next_cursor: null,
    })
    expect(answer.playlist.map(({ title }) => title)).toEqual(['A', 'B', 'C'])
    const [first] = answer.playlist
    expect(first).toMatchObject({
      id: ids.A,
      name: 'A',
      filename: 'A.png',
      format: 'png',
      size_bytes: 1234,
      category: 'advertisement',
      client_id: owner.tenantId,
      state: 'live',
    })
    expect(first?.url).toMatch(/^http:\/\/localhost\/media\//)
    expect(JSON.stringify(answer)).not.toContain(app.dataDir)
  })

  it('comes in pages, also shuffled: every ad once, whatever is deleted between two pages', async () => {
    for (const title of ['D', 'E', 'F', 'G']) await add(title)
    for (const shuffle of [false, true]) {
      const seen: string[] = []
      let cursor: string | null = null
      do {
        const page: Awaited<ReturnType<ReturnType<typeof tools>['playlist']>> = await tools().playlist({
          shuffle,
          cursor,
          limit: 2,
        })
        expect(page.shuffle_mode).toBe(shuffle)
        seen.push(...page.playlist.map(({ title }) => title))
        if (seen.length === 2) await app.as(owner).ads.remove({ ids: [ids[seen[1] ?? ''] ?? ''] })
        cursor = page.next_cursor
      } while (cursor !== null)
      expect(new Set(seen).size).toBe(seen.length)
      expect(seen).toHaveLength(shuffle ? 6 : 7)
    }
  })

  it('is really shuffled', async () => {
    const orders = new Set<string>()
    for (let round = 0; round < 20; round++)
      orders.add((await tools().playlist({ shuffle: true })).playlist.map(({ title }) => title).join(''))
    expect(orders.size).toBeGreaterThan(1)
  })

  it('says what to do when nothing is in it', async () => {
    const nobody = await app.tenant()
    expect(await tools(nobody).playlist({})).toMatchObject({
      playlist: [],
      total_count: 0,
      message: expect.stringContaining('Upload'),
    })
    expect(await tools(nobody).next({})).toMatchObject({ advertisement: null, index: null, total: 0 })
  })

  it('refuses unknown fields, and a cursor of another list', async () => {
    const extra = { limit: 5, client: 'another' }
    await expect(tools().playlist(extra)).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    await expect(tools().playlist({ cursor: 'WyJ4Il0' })).rejects.toEqual(code('bad-input'))
    await expect(tools().playlist({ shuffle: true, cursor: 'x' })).rejects.toEqual(code('bad-input'))
  })
})

describe('next and current without a screen', () => {
  it('go through the loop and begin again', async () => {
    expect(await currentTitle()).toBe('A')
    const given = []
    for (let call = 0; call < 4; call++) given.push(await nextTitle())
    expect(given).toEqual(['A', 'B', 'C', 'A'])
    expect(await tools().current({})).toMatchObject({ advertisement: { id: ids.A }, index: 0, total: 3 })
    expect((await tools().next({ advance: false })).advertisement?.title).toBe('B')
    expect(await tools().next({})).toMatchObject({
      advertisement: { title: 'B' },
      index: 1,
      stats: { total_ads: 3, session_plays: 5 },
    })
  })

  it('have a place per key, which a restart does not move, and one per person', async () => {
    const other = app.key(owner, ['ads:read'])
    await nextTitle()
    expect([await nextTitle(), await nextTitle(other), await nextTitle(owner)]).toEqual(['B', 'A', 'A'])
    const rows = await app.db.read.select().from(app.db.read.tables.toolCursors)
    expect(rows.find(({ keyId }) => keyId === key.keyId)).toMatchObject({ adId: ids.B, plays: 2 })
  })

  it('go on when the ad under the cursor is deleted, switched off, or purged', async () => {
    for (const _ of ['A', 'B']) await nextTitle()
    await app.as(owner).ads.remove({ ids: [ids.B ?? ''] })
    expect(await currentTitle()).toBe('C')
    app.clock.advance(60_000)
    await app.jobs.runDue()
    expect(await currentTitle()).toBe('C')
    expect(await nextTitle()).toBe('C')
    await app.as(owner).ads.setEnabled({ ids: [ids.C ?? ''], enabled: false })
    expect(await currentTitle()).toBe('A')
    expect(await nextTitle()).toBe('A')
  })

  it('give different ads to calls at once', async () => {
    const given = await Promise.all([1, 2, 3].map(() => nextTitle()))
    expect(given.sort()).toEqual(['A', 'B', 'C'])
  })

  it('are forgotten when nobody asked for a long time', async () => {
    await nextTitle()
    await nextTitle()
    app.clock.advance(91 * 24 * 60 * 60 * 1000)
    await sweepCursors(app.deps)
    expect(await nextTitle()).toBe('A')
  })
})

describe('next and current of a screen', () => {
  it('are what it plays and what comes behind that in its order', async () => {
    const { screen, actor } = await pairScreen(app, owner)
    await app.as(actor).player.report({ revision: 1, adId: ids.B ?? null })
    await flushReports(app.deps)
    const of = { screen_id: screen.id }
    expect(await tools().current(of)).toMatchObject({
      advertisement: { title: 'B' },
      index: 1,
      screen: { id: screen.id, online: true },
    })
    expect((await tools().next(of)).advertisement?.title).toBe('C')
    expect((await tools().next(of)).advertisement?.title).toBe('C')
    expect(await nextTitle()).toBe('A')
    await app.as(owner).screens.playNow({ id: screen.id, adId: ids.A ?? '' })
    expect((await tools().next(of)).advertisement?.title).toBe('A')
    await app.as(owner).ads.remove({ ids: [ids.B ?? ''] })
    expect(await tools().current(of)).toMatchObject({ advertisement: null })
  })

  it('say so when nobody knows: offline, or in a random order', async () => {
    const { screen, actor } = await pairScreen(app, owner)
    const of = { screen_id: screen.id }
    expect(await tools().current(of)).toMatchObject({
      advertisement: null,
      message: expect.stringContaining('offline'),
    })
    await app.as(actor).player.report({ revision: 1, adId: ids.B ?? null })
    await app.as(owner).screens.update({ id: screen.id, shuffle: true })
    expect(await tools().next(of)).toMatchObject({ advertisement: null, message: expect.stringContaining('random') })
  })

  it("are refused for another tenant's screen, and to a key that may not read screens", async () => {
    const { screen } = await pairScreen(app, await app.tenant())
    for (const call of [tools().current, tools().next, tools().playlist])
      await expect(call({ screen_id: screen.id })).rejects.toEqual(code('not-found'))
    const mine = await pairScreen(app, owner)
    const blind = tools(app.key(owner, ['ads:read']))
    await expect(blind.current({ screen_id: mine.screen.id })).rejects.toEqual(code('not-allowed'))
  })
})

it('refresh tells how many there were before', async () => {
  expect(await tools().refresh({})).toMatchObject({ old_count: 3, new_count: 3 })
  await add('D')
  expect(await tools().refresh({ limit: 1 })).toMatchObject({
    old_count: 3,
    new_count: 4,
    advertisements: [{ title: 'A' }],
    next_cursor: expect.any(String),
  })
})
