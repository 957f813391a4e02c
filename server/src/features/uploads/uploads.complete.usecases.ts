import type { AdDraft } from '@marquee/shared/ads.ts'
import { MediaRefused } from '@marquee/shared/refused.ts'
import {
  type CompletedUpload,
  type completeUpload as completeInput,
  uploadLifetimeMs,
} from '@marquee/shared/uploads.ts'
import type { z } from 'zod'
import type { Actor, Allowed } from '../../access.ts'
import { DbError } from '../../db/db.ts'
import type { AssetRow, UploadRow } from '../../db/rows.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { onePer } from '../../lib/one-per.ts'
import { makeKey } from '../../storage/key.ts'
import { StorageError } from '../../storage/storage.ts'
import type { Progress } from '../../trpc.ts'
import { recordActivity } from '../activity/activity.usecases.ts'
import { addAd, getAd } from '../ads/ads.usecases.ts'
import { announce, findNewestRevision } from '../live/announce.usecases.ts'
import { extensionFor, judgeStored, readPoster, refusal, type Verdict } from '../media/media.judging.usecases.ts'
import { findByBytes, getAsset, storeAsset, toAsset, usePoster } from '../media/media.usecases.ts'
import { beginCompletion, finishCompletion, removeUpload, reopen } from './uploads.queries.ts'
import { getRow, toStored } from './uploads.row.usecases.ts'

type Input = z.output<typeof completeInput> & {
  readonly progress?: Progress | undefined
  /** Whoever gives up; between two steps the completion stops, and goes on when it is asked for again. */
  readonly signal?: AbortSignal | undefined
}
type Bytes = { readonly asset: AssetRow; readonly keys: readonly string[] }

/** Completions on their way, per storage: who asks a second time waits for the first. */
const running = onePer((_: Deps['storage']) => new Map<string, Promise<void>>())

/**
 * Puts the parts together, judges the content and makes an asset (and an ad) of it. Each step can be done again, so
 * after a crash in between, asking again goes on; asked twice, it answers the same.
 */
export async function completeUpload(deps: Deps, actor: Actor, input: Input): Promise<CompletedUpload> {
  const row = await getRow(deps, actor, input.id)
  if (row.state !== 'done') await together(deps, row.id, () => complete(deps, actor, { row, input }))
  return answer(deps, actor, await getRow(deps, actor, input.id))
}

async function complete(
  deps: Deps,
  actor: Actor,
  { row, input }: { row: Allowed<UploadRow>; input: Input },
): Promise<void> {
  const step = stepsOf(input)
  const sentPoster = input.poster === undefined ? null : await readPoster(input.poster)
  if (!(await deps.db.write((tx) => beginCompletion(tx, row)))) return
  step('Putting the parts together')
  await putTogether(deps, row)
  try {
    step('Looking at the content')
    const verdict = await judgeStored(deps, row.key, row.category)
    step('Hashing the bytes')
    const sha256 = await hashStored(deps, row)
    step('Storing')
    const bytes = await placeBytes(deps, row, { facts: verdict.facts, poster: verdict.poster ?? sentPoster, sha256 })
    await addRows(deps, actor, { row, bytes, draft: input.ad })
    step('Done')
  } catch (error) {
    if (error instanceof MediaRefused || (error instanceof AppError && error.code === 'checksum'))
      await forget(deps, row)
    throw error instanceof MediaRefused ? refusal(error) : error
  }
}

const steps = 4

/** Counts the steps for who wants to know, and stops before the next one for who gave up. */
function stepsOf({ progress, signal }: Input): (message: string) => void {
  let done = 0
  return (message) => {
    if (signal?.aborted && done < steps)
      throw new AppError('client-gone', 'The call was cancelled. Complete the upload again to go on')
    progress?.(done++, steps, message)
  }
}

async function putTogether(deps: Deps, row: Allowed<UploadRow>): Promise<void> {
  try {
    await deps.storage.completeUpload(toStored(row))
  } catch (error) {
    if (error instanceof StorageError && error.code === 'parts-missing') await deps.db.write((tx) => reopen(tx, row))
    throw error
  }
}

async function hashStored(deps: Deps, row: UploadRow): Promise<string> {
  const sha256 = await deps.storage.sha256(row.key)
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
  const right = row.key.endsWith(`.${extension}`)
  const key = right ? row.key : makeKey({ ...parts, category: row.category, ext: extension })
  const posterKey = poster && makeKey({ ...parts, category: 'derived', ext: 'webp' })
  if (!right) await deps.storage.copy(row.key, key)
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

async function answer(deps: Deps, actor: Actor, row: UploadRow): Promise<CompletedUpload> {
  const asset = row.assetId === null ? null : await getAsset(deps, actor, row.assetId)
  if (!asset) throw new AppError('gone', `What was made of the upload "${row.fileName}" was deleted since`)
  const ad = row.adId === null ? null : await getAd(deps, actor, { id: row.adId })
  const revision = await findNewestRevision(deps, row.tenantId)
  return { asset: await toAsset(deps, asset), ad, duplicate: row.duplicate, revision }
}

async function together(deps: Deps, id: string, work: () => Promise<void>): Promise<void> {
  const mine = running(deps.storage)
  const before = mine.get(id)
  if (before) return before
  const doing = work().finally(() => mine.delete(id))
  mine.set(id, doing)
  return doing
}
