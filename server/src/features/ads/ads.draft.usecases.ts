import type { AdDraft } from '@marquee/shared/ads.ts'
import { cleanText } from '@marquee/shared/wire.ts'
import type { AdRow, AssetRow } from '../../db/rows.ts'
import { AppError } from '../../errors.ts'

const maxTitle = 200

/** An ad as it is when nothing was said about it. */
export function blankAd(asset: AssetRow, { id, position, now }: { id: string; position: number; now: Date }): AdRow {
  return {
    id,
    tenantId: asset.tenantId,
    assetId: asset.id,
    title: titleOf(asset.fileName),
    description: '',
    tags: [],
    enabled: true,
    validFrom: null,
    validUntil: null,
    durationMs: null,
    fit: 'contain',
    volume: 100,
    position,
    createdAt: now,
    updatedAt: now,
    removedAt: null,
  }
}

/** The file's name without its extension, cut to a title's length; the whole name where nothing would be left. */
function titleOf(fileName: string): string {
  const name = cleanText(fileName)
  let title = ''
  // By whole characters: half of an emoji is no text.
  for (const character of name.replace(/\.[^.]*$/, '').trim() || name || 'Ad') {
    if (title.length + character.length > maxTitle) break
    title += character
  }
  return title
}

/** The ad with what the draft says; what it leaves out stays. */
export function changeAd(ad: AdRow, draft: AdDraft): AdRow {
  const { validFrom, validUntil, ...plain } = draft
  const changed = {
    ...ad,
    ...Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined)),
    validFrom: toDate(validFrom, ad.validFrom),
    validUntil: toDate(validUntil, ad.validUntil),
  }
  ensureOrder(changed)
  return changed
}

/** Refuses what a new ad would be refused for, before there is an asset to make it of. */
export function checkDraft({ validFrom, validUntil }: AdDraft): void {
  ensureOrder({ validFrom: toDate(validFrom, null), validUntil: toDate(validUntil, null) })
}

function ensureOrder({ validFrom, validUntil }: Pick<AdRow, 'validFrom' | 'validUntil'>): void {
  if (!validFrom || !validUntil || validFrom < validUntil) return
  throw new AppError('bad-input', `"validUntil" must be later than "validFrom" (${validFrom.toISOString()})`, {
    reason: 'validity',
    detail: { field: 'validUntil' },
  })
}

function toDate(given: string | null | undefined, before: Date | null): Date | null {
  if (given === undefined) return before
  return given === null ? null : new Date(given)
}
