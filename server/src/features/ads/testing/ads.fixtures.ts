import type { TestApp } from '../../../../test/test-app.ts'
import type { Manager } from '../../../access.ts'
import type { AssetRow } from '../../../db/rows.ts'
import { newId } from '../../../lib/id.ts'

export { at, code } from '../../../../test/refusals.ts'

/** What an upload leaves: a row and its bytes. */
export async function addAsset(app: TestApp, owner: Manager, facts: Partial<AssetRow> = {}): Promise<AssetRow> {
  const id = newId()
  const asset: AssetRow = {
    id,
    tenantId: owner.tenantId,
    category: 'ads',
    kind: 'picture',
    type: 'image/png',
    key: `${owner.tenantId}/ads/a_${id}.png`,
    posterKey: null,
    fileName: 'a.png',
    size: 3,
    sha256: id.replaceAll('-', '').padEnd(64, '0'),
    width: 1920,
    height: 1080,
    durationMs: null,
    videoCodec: null,
    audioCodec: null,
    createdAt: app.clock.now(),
    ...facts,
  }
  await app.storage.put(asset.key, new Blob(['abc']).stream(), { maxBytes: 10 })
  await app.db.write((tx) => tx.insert(tx.tables.assets).values(asset))
  return asset
}

export async function addAds(app: TestApp, owner: Manager, titles: string[]): Promise<string[]> {
  const ids: string[] = []
  for (const title of titles) {
    const asset = await addAsset(app, owner)
    ids.push((await app.as(owner).ads.create({ assetId: asset.id, title })).ad.id)
  }
  return ids
}

export async function titles(
  app: TestApp,
  owner: Manager,
  filter: Parameters<ReturnType<TestApp['as']>['ads']['list']>[0] = {},
): Promise<string> {
  const { items } = await app.as(owner).ads.list(filter)
  return items.map((ad) => ad.title).join(' ')
}

export const revision = async (app: TestApp, owner: Manager) => {
  const rows = await app.db.read.select().from(app.db.read.tables.tenants)
  return rows.find((row) => row.id === owner.tenantId)?.revision ?? 0
}
