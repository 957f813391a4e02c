import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { openOwner } from '../../../test/browser.ts'
import { addBareAd, requestWith } from '../../../test/screens.ts'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'
import type { Manager } from '../../access.ts'
import { startPairing } from '../screens/pairing.usecases.ts'
import { setQuota } from './quota.usecases.ts'

const limit = (
  app: TestApp,
  { tenantId: id }: Manager,
  quota: Partial<Record<'bytes' | 'ads' | 'screens' | 'keys', number | null>>,
) => setQuota(app.deps, { kind: 'operator', name: 'Command line', tenantId: id }, { id, ...quota })
const refused = (kind: string, used: number, most: number) => ({
  cause: { code: 'quota', reason: `quota-${kind}`, detail: { what: kind, used, limit: most } },
})
/** How many of the calls passed; the others must be refused by the quota. */
async function passed(calls: readonly Promise<unknown>[]): Promise<number> {
  const results = await Promise.allSettled(calls)
  for (const result of results)
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ cause: { code: 'quota' } })
  return results.filter(({ status }) => status === 'fulfilled').length
}

describe('a quota of bytes', () => {
  it('counts what is stored and what is on its way, and says what is used', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    await addBareAd(app.deps, owner, { asset: { size: 400 } })
    await limit(app, owner, { bytes: 1_000 })
    const { id } = await app.as(owner).uploads.create({ fileName: 'a.png', size: 600 })
    const more = () => app.as(owner).uploads.create({ fileName: 'b.png', size: 1 })
    await expect(more()).rejects.toMatchObject(refused('bytes', 1_000, 1_000))
    await app.as(owner).uploads.cancel({ id })
    await more()
  })

  it('lets of many uploads at once pass only as many as fit', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    await limit(app, owner, { bytes: 1_000 })
    const calls = Array.from({ length: 8 }, (_, n) => app.as(owner).uploads.create({ fileName: `${n}.png`, size: 400 }))
    expect(await passed(calls)).toBe(2)
    expect(await app.as(owner).tenants.usage()).toMatchObject({ bytes: { used: 800, limit: 1_000 } })
  })
})

describe('a quota, for a file in one piece', () => {
  it('refuses it by bytes and by ads, leaves nothing of it, and lets of two at once pass only one', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const { secret } = await app.as(owner).keys.create({ name: 'k', scopes: ['ads:write'], purpose: 'script' })
    const send = async (background: string) => {
      const picture = sharp({ create: { width: 300, height: 300, channels: 3, background } })
      const body = new FormData()
      body.set('file', new File([new Uint8Array(await picture.png({ compressionLevel: 0 }).toBuffer())], 'a.png'))
      const headers = { authorization: `Bearer ${secret}` }
      return (await app.fetch('/api/upload', { method: 'POST', body, headers })).status
    }
    // A picture has some 270 kB.
    await limit(app, owner, { bytes: 400_000 })
    const statuses = await Promise.all([send('red'), send('blue')])
    expect(statuses.filter((status) => status === 200 || status === 201).length).toBeLessThanOrEqual(1)
    expect(statuses).toContain(403)
    await limit(app, owner, { bytes: null, ads: 1 })
    await send('green')
    expect(await send('yellow')).toBe(403)
    const { bytes, ads } = await app.as(owner).tenants.usage()
    expect(ads.used).toBe(1)
    const { items } = await app.storage.list(`${owner.tenantId}/ads/`, { limit: 10 })
    expect([items.length, items.reduce((sum, { size }) => sum + size, 0)]).toEqual([1, bytes.used])
  })
})

describe('a quota of ads', () => {
  it('holds when an ad is made, also by many at once, and when one is restored', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const first = await addBareAd(app.deps, owner)
    await limit(app, owner, { ads: 3 })
    const make = () => app.as(owner).ads.create({ assetId: first.assetId })
    expect(await passed([make(), make(), make(), make()])).toBe(2)
    await app.as(owner).ads.remove({ ids: [first.id] })
    await make()
    await expect(app.as(owner).ads.restore({ ids: [first.id] })).rejects.toMatchObject(refused('ads', 3, 3))
  })
})

describe('a quota of screens', () => {
  it('refuses a pairing, keeps the code good and counts no wrong try', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    await app.screen(owner)
    await limit(app, owner, { screens: 1 })
    const { code } = await startPairing(app.deps, requestWith())
    const pair = () => app.as(owner).screens.confirmPairing({ code, name: 'Two' })
    for (let tries = 0; tries < 15; tries++) await expect(pair()).rejects.toMatchObject(refused('screens', 1, 1))
    await limit(app, owner, { screens: 2 })
    await pair()
  })

  it('lets of two screens at once pass only one', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    await limit(app, owner, { screens: 1 })
    const codes = [await startPairing(app.deps, requestWith()), await startPairing(app.deps, requestWith())]
    expect(await passed(codes.map(({ code }) => app.as(owner).screens.confirmPairing({ code, name: 'S' })))).toBe(1)
  })
})

describe('a quota of keys', () => {
  it('counts keys that are good, and lets of many at once pass only as many as fit', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    await limit(app, owner, { keys: 2 })
    const make = () => app.as(owner).keys.create({ name: 'k', scopes: ['ads:read'] })
    expect(await passed([make(), make(), make(), make()])).toBe(2)
    const [key] = (await app.as(owner).keys.list()).items
    await app.as(owner).keys.revoke({ id: key?.id ?? '' })
    await make()
    await expect(make()).rejects.toMatchObject(refused('keys', 2, 2))
  })
})

describe('quotas', () => {
  it('are none unless the settings say so, and then those of new tenants', async () => {
    await using free = await createTestApp()
    const { tenantId } = await free.tenant()
    expect((await free.as(await free.member({ tenantId } as Manager, 'viewer')).tenants.usage()).ads.limit).toBeNull()
    await using app = await createTestApp({ MARQUEE_QUOTA_BYTES: '1.5GB', MARQUEE_QUOTA_SCREENS: '5' })
    const operator = await openOwner(app)
    expect(await operator.call((api) => api.tenants.usage())).toEqual({
      bytes: { used: 0, limit: 1_500_000_000 },
      ads: { used: 0, limit: null },
      screens: { used: 0, limit: 5 },
      keys: { used: 0, limit: null },
    })
  })

  it('are set by an operator, show in the activity, and what is there already stays', async () => {
    await using app = await createTestApp()
    const operator = await openOwner(app)
    const tenant = await app.tenant('client_002')
    const ads = [await addBareAd(app.deps, tenant), await addBareAd(app.deps, tenant)]
    const usage = await operator.call((api) => api.tenants.setQuota({ id: 'client_002', ads: 1 }))
    expect(usage.ads).toEqual({ used: 2, limit: 1 })
    expect((await app.as(tenant).ads.list({})).items).toHaveLength(ads.length)
    const [entry] = (await app.as(tenant).activity.list({ subject: 'tenant' })).items
    expect(entry).toMatchObject({ action: 'tenant.update', detail: { quotaAds: 1 } })
    expect((await operator.call((api) => api.tenants.setQuota({ id: 'client_002', ads: null }))).ads.limit).toBeNull()
    const unknown = operator.call((api) => api.tenants.setQuota({ id: 'client_003', ads: 1 }))
    await expect(unknown).rejects.toMatchObject({ cause: { code: 'not-found' } })
  })

  it('of one tenant say nothing of another', async () => {
    await using app = await createTestApp()
    const [ours, theirs] = [await app.tenant(), await app.tenant()]
    await limit(app, theirs, { ads: 0, keys: 0, bytes: 0, screens: 0 })
    await addBareAd(app.deps, ours)
    expect((await app.as(ours).tenants.usage()).ads).toEqual({ used: 1, limit: null })
    await expect(addBareAd(app.deps, theirs)).rejects.toMatchObject({ code: 'quota' })
  })
})
