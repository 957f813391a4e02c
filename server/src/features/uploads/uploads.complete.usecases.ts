import type { CompletedUpload, completeUpload as completeInput } from '@marquee/shared/uploads.ts'
import type { z } from 'zod'
import type { Actor, Allowed } from '../../access.ts'
import type { UploadRow } from '../../db/rows.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { onePer } from '../../lib/one-per.ts'
import { StorageError } from '../../storage/storage.ts'
import type { Progress } from '../../trpc.ts'
import { getAd } from '../ads/ads.usecases.ts'
import { findNewestRevision } from '../live/announce.usecases.ts'
import { readPoster } from '../media/media.judging.usecases.ts'
import { getAsset, toAsset } from '../media/media.usecases.ts'
import { beginCompletion, reopen } from './uploads.queries.ts'
import { getRow, toStored } from './uploads.row.usecases.ts'
import { settle } from './uploads.settle.usecases.ts'

type Input = z.output<typeof completeInput> & {
  readonly progress?: Progress | undefined
  /** Whoever gives up; between two steps the completion stops, and goes on when it is asked for again. */
  readonly signal?: AbortSignal | undefined
}

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
  await settle(deps, actor, { row, draft: input.ad, poster: sentPoster, step })
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

async function answer(deps: Deps, actor: Actor, row: UploadRow): Promise<CompletedUpload> {
  const asset = row.assetId === null ? null : await getAsset(deps, actor, row.assetId)
  if (!asset) throw new AppError('gone', `What was made of the upload "${row.fileName}" was deleted since`)
  const ad = row.adId === null ? null : await getAd(deps, actor, { id: row.adId })
  const revision = await findNewestRevision(deps, row.tenantId)
  return { asset: await toAsset(deps, asset), ad, duplicate: row.duplicate, revision }
}

async function together(deps: Deps, id: string, work: () => Promise<void>): Promise<void> {
  const mine = running(deps.storage)
  for (let before = mine.get(id); before; before = mine.get(id)) if (await ended(before)) return
  const doing = work().finally(() => mine.delete(id))
  mine.set(id, doing)
  return doing
}

/** Whether a completion came to its end; whoever gave up one leaves it to the others who wait for it. */
function ended(completion: Promise<void>): Promise<boolean> {
  return completion.then(
    () => true,
    (error: unknown) => {
      if (error instanceof AppError && error.code === 'client-gone') return false
      throw error
    },
  )
}
