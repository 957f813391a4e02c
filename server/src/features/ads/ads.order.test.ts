import { expect, test } from 'vitest'
import { createTestApp } from '../../../test/test-app.ts'
import { newId } from '../../lib/id.ts'
import { listPlayable } from './ads.usecases.ts'
import { addAds, at, code, titles } from './testing/ads.fixtures.ts'

test('an ad can go behind any other one or to the front', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const [a = '', b = '', c = ''] = await addAds(app, owner, ['a', 'b', 'c'])
  await app.as(owner).ads.move({ id: c, after: null })
  expect(await titles(app, owner)).toBe('c a b')
  await app.as(owner).ads.move({ id: c, after: a })
  expect(await titles(app, owner)).toBe('a c b')
  await app.as(owner).ads.move({ id: a, after: b })
  expect(await titles(app, owner)).toBe('c b a')
  await app.as(owner).ads.move({ id: a, after: b })
  expect(await titles(app, owner)).toBe('c b a')
  await expect(app.as(owner).ads.move({ id: a, after: a })).rejects.toEqual(code('bad-input'))
  await expect(app.as(owner).ads.move({ id: a, after: newId() })).rejects.toEqual(code('not-found'))
})

test('a hundred moves to the same place keep the order, and the search keeps it too', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const ids = await addAds(app, owner, ['a1', 'a2', 'a3', 'a4'])
  let order = [...ids]
  for (let turn = 0; turn < 100; turn++) {
    // The last of all goes behind the first, again and again, so that the room there is halved each time.
    const [first = '', ...rest] = order
    const last = rest.pop() ?? ''
    await app.as(owner).ads.move({ id: last, after: first })
    order = [first, last, ...rest]
  }
  const listed = (await app.as(owner).ads.list({})).items.map((ad) => ad.id)
  expect(listed).toEqual(order)
  expect((await app.as(owner).ads.list({ search: 'a' })).items.map((ad) => ad.id)).toEqual(order)
  const positions = await app.db.read.select({ position: app.db.read.tables.ads.position }).from(app.db.read.tables.ads)
  expect(new Set(positions.map((row) => row.position)).size).toBe(4)
}, 60_000)

test('moves at the same time each put their ad where they said', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const ids = await addAds(app, owner, ['a', 'b', 'c', 'd', 'e', 'f'])
  const [a = '', ...others] = ids
  await Promise.all(others.map((id) => app.as(owner).ads.move({ id, after: a })))
  const positions = await app.db.read.select({ position: app.db.read.tables.ads.position }).from(app.db.read.tables.ads)
  expect(new Set(positions.map((row) => row.position)).size).toBe(6)
  expect((await titles(app, owner)).startsWith('a ')).toBe(true)
})

test('what screens must have is enabled and not over, those that wait included, in order', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const [, off = '', waiting = '', over = '', gone = ''] = await addAds(app, owner, [
    'live',
    'off',
    'waiting',
    'over',
    'gone',
  ])
  await app.as(owner).ads.update({ id: off, enabled: false })
  await app.as(owner).ads.update({ id: waiting, validFrom: at(app, 1000) })
  await app.as(owner).ads.update({ id: over, validUntil: at(app, 0) })
  await app.as(owner).ads.remove({ ids: [gone] })
  await app.as(owner).ads.move({ id: waiting, after: null })
  const playable = await listPlayable(app.deps, owner.tenantId)
  expect(playable.map(({ ad, asset }) => [ad.title, asset.fileName])).toEqual([
    ['waiting', 'a.png'],
    ['live', 'a.png'],
  ])
})
