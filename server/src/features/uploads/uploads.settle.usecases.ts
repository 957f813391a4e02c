import type { AdDraft } from '@marquee/shared/ads.ts'
import { MediaRefused } from '@marquee/shared/refused.ts'
import { uploadLifetimeMs } from '@marquee/shared/uploads.ts'
import type { Actor, Allowed } from '../../access.ts'
import { DbError } from '../../db/db.ts'
import type { AssetRow, UploadRow } from '../../db/rows.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { makeKey } from '../../storage/key.ts'
import { recordActivity } from '../activity/activity.usecases.ts'
import { addAd } from '../ads/ads.usecases.ts'
import { announce } from '../live/announce.usecases.ts'
import { extensionFor, judgeStored, refusal, type Verdict } from '../media/media.judging.usecases.ts'
import { findByBytes, storeAsset, usePoster } from '../media/media.usecases.ts'
import { ensureQuota } from '../tenants/quota.usecases.ts'
import { finishCompletion, removeUpload } from './uploads.queries.ts'

type Bytes = { readonly asset: AssetRow; readonly keys: readonly string[] }

/** An upload whose bytes are all there, under the key of its row. */
export type Whole = {
  readonly row: Allowed<UploadRow>
  readonly draft: AdDraft | undefined
  readonly poster: Uint8Array<ArrayBuffer> | null
  /** Of the bytes, where somebody hashed them as they came. */
  readonly sha256?: string
  readonly step: (message: string) => void
}

/**
 * Judges the content and makes an asset (and an ad) of it; refused bytes are removed with their row. Each step can be
 * done again.
 */
export async function settle(deps: Deps, actor: Actor, whole: Whole): Promise<void> {
  const { row, draft, poster, step } = whole
  try {
    step('Looking at the content')
    const verdict = await judgeStored(deps, row.key, row.category)
    step('Hashing the bytes')
    const sha256 = await hashStored(deps, row, whole.sha256)
    step('Storing')
    const bytes = await placeBytes(deps, row, { facts: verdict.facts, poster: verdict.poster ?? poster, sha256 })
    await addRows(deps, actor, { row, bytes, draft })
    step('Done')
  } catch (error) {
    if (error instanceof MediaRefused || (error instanceof AppError && error.code === 'checksum'))
      await forget(deps, row)
    throw error instanceof MediaRefused ? refusal(error) : error
  }
}

async function hashStored(deps: Deps, row: UploadRow, known: string | undefined): Promise<string> {
  const sha256 = known ?? (await deps.storage.sha256(row.key))
  if (row.sha256 === null || row.sha256 === sha256) return sha256
  throw new AppError('checksum', `The bytes of "${row.fileName}" do not have the announced sha256. Send the file again`)
}

type Known = Verdict & { readonly sha256: string }

/** The object under a key with its true extension, and its poster. Names all keys, so that what is not needed can go. */
async function placeBytes(deps: Deps, row: UploadRow, { facts, poster, sha256 }: Known): Promise<Bytes> {
  // The upload's own id: done again after a crash, it makes the same keys, and the sweep knows whose they are.
  const { id } = row
  const parts = { tenant: row.tenantId, name: row.fileName, id }
  const extension = extensionFor(facts)
  const key = makeKey({ ...parts, category: row.category, ext: extension })
  const posterKey = poster && makeKey({ ...parts, category: 'derived', ext: 'webp' })
  if (key !== row.key) await deps.storage.copy(row.key, key)
  if (posterKey) {
    await deps.storage.put(posterKey, new Blob([poster]).stream(), { size: poster.length, maxBytes: poster.length })
  }
  const { type, kind, width, height, durationMs, videoCodec, audioCodec } = facts
  const known = { type, kind, width, height, durationMs, videoCodec, audioCodec, sha256, key, posterKey }
  const { tenantId, category, fileName, size } = row
  const asset = { id, tenantId, category, fileName, size, ...known, createdAt: deps.clock.now() }
  return { asset, keys: [...new Set([row.key, key]), ...(posterKey ? [posterKey] : [])] }
}

type Rows = { readonly row: Allowed<UploadRow>; readonly bytes: Bytes; readonly draft: AdDraft | undefined }

async function addRows(deps: Deps, actor: Actor, rows: Rows): Promise<void> {
  const kept = await addRowsOnce(deps, actor, rows).catch((error) => {
    // Another upload of the same bytes came first; now its asset is there to be found.
    if (error instanceof DbError && error.code === 'unique') return addRowsOnce(deps, actor, rows)
    throw error
  })
  await deps.storage.remove(rows.bytes.keys.filter((key) => !kept.includes(key)))
}

/** Gives the keys that rows name now. */
function addRowsOnce(deps: Deps, actor: Actor, { row, bytes, draft }: Rows): Promise<(string | null)[]> {
  return deps.db.write(async (tx) => {
    // The bytes were counted when the upload began; the limit may have been lowered since.
    await ensureQuota(deps, tx, { tenantId: row.tenantId, kind: 'bytes', more: 0 })
    const before = await findByBytes(tx, bytes.asset)
    const asset = before ? await usePoster(tx, before, bytes.asset.posterKey) : await storeAsset(tx, bytes.asset)
    const ad = draft ? await addAd(deps, actor, { tx, asset, draft }) : null
    const expiresAt = new Date(deps.clock.now().getTime() + uploadLifetimeMs)
    const done = { assetId: asset.id, adId: ad?.id ?? null, duplicate: before !== null, expiresAt }
    if (!(await finishCompletion(tx, row, done)))
      throw new AppError('conflict', `The upload "${row.fileName}" was completed or cancelled meanwhile`)
    await recordActivity(deps, actor, {
      tx,
      action: 'upload.complete',
      subject: { kind: 'upload', id: row.id, name: row.fileName },
    })
    const about = ad
      ? ({ kind: 'ads.changed', subjectId: ad.id } as const)
      : ({ kind: 'uploads.changed', subjectId: row.id } as const)
    await announce(deps, { tx, tenantId: row.tenantId, ...about, forScreens: ad !== null })
    return [asset.key, asset.posterKey]
  })
}

/** Refused bytes go, and the row that waits for them. */
async function forget(deps: Deps, row: Allowed<UploadRow>): Promise<void> {
  await deps.db.write((tx) => removeUpload(tx, row))
  await deps.storage.remove([row.key])
}
