import type { Category, MediaKind, MediaType, UploadCategory } from '@marquee/shared/media.ts'
import type { Columns } from './columns.postgres.ts'

/** What tenants show and on what. Every row has its tenant; a foreign key to `tenants` is left out where lists are long. */
export function contentTables(c: Columns) {
  const uploads = c.table(
    'uploads',
    {
      id: c.id(),
      tenantId: c.text().notNull(),
      category: c.text().$type<UploadCategory>().notNull(),
      fileName: c.text().notNull(),
      size: c.bytes().notNull(),
      fingerprint: c.text(),
      sha256: c.text(),
      /** The storage's own name of it; see `StorageUpload`. */
      key: c.text().notNull(),
      storageId: c.text().notNull(),
      partSize: c.integer().notNull(),
      /** `open` takes parts; `completing` is being judged; `done` has an asset. Refused and cancelled rows are removed. */
      state: c.text().$type<'open' | 'completing' | 'done'>().notNull(),
      assetId: c.text(),
      /** With `duplicate`: what `complete` answered, for whoever asks again. */
      adId: c.text(),
      duplicate: c.boolean().notNull().default(false),
      createdBy: c.text().notNull(),
      createdAt: c.time().notNull(),
      expiresAt: c.time().notNull(),
    },
    (t) => [c.index('uploads_tenant').on(t.tenantId, t.id), c.index('uploads_expiry').on(t.state, t.expiresAt)],
  )

  const assets = c.table(
    'assets',
    {
      id: c.id(),
      tenantId: c.text().notNull(),
      category: c.text().$type<Category>().notNull(),
      kind: c.text().$type<MediaKind>().notNull(),
      type: c.text().$type<MediaType>().notNull(),
      key: c.text().notNull(),
      posterKey: c.text(),
      fileName: c.text().notNull(),
      size: c.bytes().notNull(),
      sha256: c.text().notNull(),
      width: c.integer().notNull(),
      height: c.integer().notNull(),
      durationMs: c.integer(),
      videoCodec: c.text(),
      audioCodec: c.text(),
      createdAt: c.time().notNull(),
    },
    (t) => [
      c.uniqueIndex('assets_key').on(t.key),
      c.uniqueIndex('assets_bytes').on(t.tenantId, t.category, t.sha256),
      c.index('assets_poster').on(t.posterKey),
      c.index('assets_size').on(t.tenantId, t.size),
      c.index('assets_name').on(t.tenantId, t.fileName),
      c.index('assets_shelf').on(t.tenantId, t.category, t.id),
    ],
  )

  const ads = c.table(
    'ads',
    {
      id: c.id(),
      tenantId: c.text().notNull(),
      assetId: c
        .text()
        .notNull()
        .references(() => assets.id),
      title: c.text().notNull(),
      description: c.text().notNull(),
      tags: c.json<string[]>().notNull(),
      enabled: c.boolean().notNull(),
      validFrom: c.time(),
      validUntil: c.time(),
      durationMs: c.integer(),
      fit: c.text().$type<'contain' | 'cover'>().notNull(),
      volume: c.integer().notNull(),
      /** Order in the loop, ascending; a move takes the middle between two neighbours. */
      position: c.real().notNull(),
      createdAt: c.time().notNull(),
      updatedAt: c.time().notNull(),
      /** Removed, but can be restored until its bytes are purged. */
      removedAt: c.time(),
    },
    (t) => [c.index('ads_order').on(t.tenantId, t.position, t.id), c.index('ads_asset').on(t.assetId)],
  )

  /** One row per tag of an ad, for filters and counts. */
  const adTags = c.table(
    'ad_tags',
    {
      tenantId: c.text().notNull(),
      tag: c.text().notNull(),
      adId: c
        .text()
        .notNull()
        .references(() => ads.id, { onDelete: 'cascade' }),
    },
    (t) => [c.primaryKey({ columns: [t.tenantId, t.tag, t.adId] }), c.index('ad_tags_ad').on(t.adId)],
  )

  const screens = c.table(
    'screens',
    {
      id: c.id(),
      tenantId: c.text().notNull(),
      name: c.text().notNull(),
      orientation: c.integer().$type<0 | 90 | 180 | 270>().notNull(),
      muted: c.boolean().notNull(),
      shuffle: c.boolean().notNull(),
      tokenHash: c.text().notNull(),
      revision: c.integer().notNull(),
      adId: c.text(),
      problem: c.json<{ adId: string | null; reason: string; at: number }>(),
      width: c.integer(),
      height: c.integer(),
      playerVersion: c.text(),
      lastSeenAt: c.time(),
      /** An ad to be shown once, at once; the loop goes on behind it. Of no meaning after `until` (ms since 1970). */
      playNow: c.json<{ id: string; adId: string; at: number; until: number }>(),
      createdAt: c.time().notNull(),
    },
    (t) => [c.uniqueIndex('screens_token').on(t.tokenHash), c.index('screens_tenant').on(t.tenantId, t.id)],
  )

  const pairings = c.table(
    'pairings',
    {
      code: c.id(),
      /** Hash of the secret in the new screen's cookie: only that screen may collect the token. */
      secretHash: c.text().notNull(),
      screenId: c.text(),
      expiresAt: c.time().notNull(),
      usedAt: c.time(),
      createdAt: c.time().notNull(),
    },
    (t) => [c.index('pairings_secret').on(t.secretHash), c.index('pairings_expiry').on(t.expiresAt)],
  )

  /** How often an ad began on a screen, by the tenant's days. */
  const plays = c.table(
    'plays',
    {
      tenantId: c.text().notNull(),
      screenId: c.text().notNull(),
      adId: c.text().notNull(),
      /** `2026-11-24` in the tenant's time zone. */
      day: c.text().notNull(),
      count: c.integer().notNull(),
      /** What ad and screen were called then: a report outlives both. */
      title: c.text().notNull(),
      screenName: c.text().notNull(),
      lastAt: c.time().notNull(),
    },
    (t) => [
      c.primaryKey({ columns: [t.tenantId, t.day, t.screenId, t.adId] }),
      c.index('plays_ad').on(t.tenantId, t.adId),
    ],
  )

  return { uploads, assets, ads, adTags, screens, pairings, plays }
}
