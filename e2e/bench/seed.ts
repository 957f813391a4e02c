import type { Db, Tx } from '../../server/src/db/db.ts'
import type { AdRow, AssetRow } from '../../server/src/db/rows.ts'
import { searchEntry } from '../../server/src/features/ads/ads.queries.ts'
import { newId } from '../../server/src/lib/id.ts'

const batch = 500

/** Each word of a row is on this share of all ads; the first of a pair is Latin, the second Chinese. */
const words: readonly [share: number, latin: string, chinese: string][] = [
  [1, 'screen', '广告'],
  [0.5, 'summer', '夏季'],
  [0.1, 'discount', '优惠'],
  [0.02, 'noodles', '面条'],
  [0.001, 'umbrella', '雨伞'],
  [0.0001, 'lighthouse', '灯塔'],
]

/**
 * Fills a tenant with ads, each with an asset of its own (a row only, without bytes), words from very common to very rare,
 * tags and search entries. Positions begin behind `from`.
 */
export async function seedAds(
  db: Db,
  { tenantId, count, from = 0 }: { tenantId: string; count: number; from?: number },
): Promise<void> {
  for (let start = 0; start < count; start += batch) {
    const numbers = Array.from({ length: Math.min(batch, count - start) }, (_, at) => from + start + at + 1)
    const rows = numbers.map((n) => seedRow(tenantId, n))
    await db.write((tx) => insertRows(tx, rows))
  }
}

async function insertRows(tx: Tx, rows: { ad: AdRow; asset: AssetRow }[]): Promise<void> {
  const { ads, assets, adTags } = tx.tables
  await tx.insert(assets).values(rows.map(({ asset }) => asset))
  await tx.insert(ads).values(rows.map(({ ad }) => ad))
  await tx
    .insert(adTags)
    .values(rows.flatMap(({ ad }) => ad.tags.map((tag) => ({ tenantId: ad.tenantId, adId: ad.id, tag }))))
  await tx.words.indexAds(
    tx,
    rows.map(({ ad, asset }) => searchEntry(ad, asset)),
  )
}

/** The same for the same number but for its ids. */
function seedRow(tenantId: string, n: number): { ad: AdRow; asset: AssetRow } {
  const number = String(n).padStart(6, '0')
  const now = new Date(Date.UTC(2026, 0, 1) + n * 1000)
  const fileName = `IMG_${20_200_000 + (n % 3000)}_${number}.${n % 3 === 0 ? 'mp4' : 'jpg'}`
  const asset: AssetRow = {
    id: newId(),
    tenantId,
    category: 'ads',
    kind: n % 3 === 0 ? 'film' : 'picture',
    type: n % 3 === 0 ? 'video/mp4' : 'image/jpeg',
    key: `${tenantId}/ads/${number}_${newId()}.${n % 3 === 0 ? 'mp4' : 'jpg'}`,
    posterKey: `${tenantId}/derived/${number}_${newId()}.webp`,
    fileName,
    size: 1_000_000 + n,
    sha256: n.toString(16).padStart(64, '0'),
    width: 1920,
    height: 1080,
    durationMs: n % 3 === 0 ? 15_000 : null,
    videoCodec: n % 3 === 0 ? 'avc' : null,
    audioCodec: n % 3 === 0 ? 'aac' : null,
    createdAt: now,
  }
  const mine = words.filter(([share]) => isDrawn(n, share))
  const ad: AdRow = {
    id: newId(),
    tenantId,
    assetId: asset.id,
    title: `${mine.map(([, latin]) => latin).join(' ')} ${number}`,
    description: `${mine.map(([, , chinese]) => chinese).join('，')}。 Shown at the entrance and beside the counter, all day`,
    tags: [`floor ${n % 7}`, n % 100 === 0 ? 'rare' : 'usual'],
    enabled: n % 10 !== 0,
    validFrom: null,
    validUntil: null,
    durationMs: null,
    fit: 'contain',
    volume: 100,
    position: n,
    createdAt: now,
    updatedAt: now,
    removedAt: null,
  }
  return { ad, asset }
}

/** Spread evenly, without a random source, so that every run has the same rows. */
function isDrawn(n: number, share: number): boolean {
  return (Math.imul(n, 0x9e3779b1) >>> 0) / 2 ** 32 < share
}
