import { and, asc, eq, inArray } from 'drizzle-orm'
import type { Allowed } from '../../access.ts'
import type { Read, Tx } from '../../db/db.ts'
import type { AdRow, AssetRow, ScreenRow } from '../../db/rows.ts'

/** Ids in one statement. */
const maxIds = 500

export async function findScreenByToken(read: Read, tokenHash: string): Promise<ScreenRow | null> {
  const { screens } = read.tables
  const [row] = await read.select().from(screens).where(eq(screens.tokenHash, tokenHash))
  return row ?? null
}

export async function findScreen(read: Read, id: string): Promise<ScreenRow | null> {
  const { screens } = read.tables
  const [row] = await read.select().from(screens).where(eq(screens.id, id))
  return row ?? null
}

/** A screen with the newest revision of its tenant, which are read as one. */
export async function findScreenAndRevision(
  read: Read,
  id: string,
): Promise<{ screen: ScreenRow; revision: number; pictureDurationMs: number } | null> {
  const { screens, tenants } = read.tables
  const [row] = await read
    .select({ screen: screens, revision: tenants.revision, pictureDurationMs: tenants.pictureDurationMs })
    .from(screens)
    .innerJoin(tenants, eq(tenants.id, screens.tenantId))
    .where(eq(screens.id, id))
  return row ?? null
}

/** In the order in which they were paired. */
export function findScreens(read: Read, tenantId: string): Promise<ScreenRow[]> {
  const { screens } = read.tables
  return read.select().from(screens).where(eq(screens.tenantId, tenantId)).orderBy(asc(screens.id))
}

export type ShownAd = Pick<AdRow, 'id' | 'title' | 'fit'> & Pick<AssetRow, 'posterKey'>

/** What a tile shows of ads of this tenant; removed ones too, for a screen may still show one. */
export async function findShownAds(read: Read, tenantId: string, ids: readonly string[]): Promise<ShownAd[]> {
  if (ids.length === 0) return []
  const { ads, assets } = read.tables
  return await read
    .select({ id: ads.id, title: ads.title, fit: ads.fit, posterKey: assets.posterKey })
    .from(ads)
    .innerJoin(assets, eq(assets.id, ads.assetId))
    .where(and(eq(ads.tenantId, tenantId), inArray(ads.id, [...ids])))
}

export async function addScreen(tx: Tx, row: ScreenRow): Promise<void> {
  await tx.insert(tx.tables.screens).values(row)
}

type Settings = Partial<Pick<ScreenRow, 'name' | 'orientation' | 'muted' | 'shuffle'>>

export async function changeScreen(tx: Tx, screen: Allowed<ScreenRow>, settings: Settings): Promise<void> {
  const { screens } = tx.tables
  await tx.update(screens).set(settings).where(eq(screens.id, screen.id))
}

export async function setPlayNow(tx: Tx, screen: Allowed<ScreenRow>, playNow: ScreenRow['playNow']): Promise<void> {
  const { screens } = tx.tables
  await tx.update(screens).set({ playNow }).where(eq(screens.id, screen.id))
}

export async function removeScreen(tx: Tx, screen: Allowed<ScreenRow>): Promise<void> {
  const { screens } = tx.tables
  await tx.delete(screens).where(eq(screens.id, screen.id))
}

/** What screens said of themselves. */
export type Said = Partial<
  Pick<ScreenRow, 'revision' | 'adId' | 'problem' | 'width' | 'height' | 'playerVersion' | 'lastSeenAt'>
>

/** Writes what these screens said alike; one that was revoked meanwhile is passed over. */
export async function saveSaid(tx: Tx, { ids, said }: { ids: readonly string[]; said: Said }): Promise<void> {
  const { screens } = tx.tables
  for (let from = 0; from < ids.length; from += maxIds) {
    await tx
      .update(screens)
      .set(said)
      .where(inArray(screens.id, ids.slice(from, from + maxIds)))
  }
}
