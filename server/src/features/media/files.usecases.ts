import type {
  deleteFile as deleteInput,
  listFiles as listInput,
  StoredFile,
  UploadedFile,
} from '@marquee/shared/files.ts'
import type { UploadCategory } from '@marquee/shared/media.ts'
import type { z } from 'zod'
import { type Actor, allow } from '../../access.ts'
import type { AssetRow } from '../../db/rows.ts'
import type { Deps } from '../../deps.ts'
import { AppError, notFound } from '../../errors.ts'
import { decodeCursor, encodeCursor } from '../../lib/cursor.ts'
import { recordActivity } from '../activity/activity.usecases.ts'
import { removeMany } from '../ads/ads.many.usecases.ts'
import { announce } from '../live/announce.usecases.ts'
import { countFiles, findAdIds, findFileByKey, findFiles, type Shelf } from './files.queries.ts'
import { removeUnusedAsset } from './media.queries.ts'
import { mediaUrl } from './media.usecases.ts'

const MB = 1024 * 1024

/** A caller that names a tenant must name its own: the credential says which that is. */
export function ensureClient(actor: Actor, client: string | undefined): void {
  if (client === undefined || client === actor.tenantId) return
  throw new AppError(
    'not-allowed',
    `The key is of the tenant "${actor.tenantId}", not of "${client.slice(0, 100)}". Leave "client" out, or use a key of that tenant`,
    { reason: 'client' },
  )
}

/** What the guide's calls say of a file, whichever of them it is. */
export async function toFile(deps: Deps, row: AssetRow) {
  const url = await mediaUrl(deps, row.key, { fileName: row.fileName })
  return {
    filename: row.key.slice(row.key.lastIndexOf('/') + 1),
    url,
    original_name: row.fileName,
    size_bytes: row.size,
    size_mb: Math.round((row.size / MB) * 100) / 100,
    // People and scripts put nothing into the other categories.
    category: row.category as UploadCategory,
    client_id: row.tenantId,
    content_type: row.type,
  } satisfies Partial<StoredFile & UploadedFile>
}

export async function listStoredFiles(deps: Deps, actor: Actor, input: z.output<typeof listInput>) {
  ensureClient(actor, input.client)
  const { category, cursor, limit } = input
  const before = cursor ? decodeCursor(cursor, ['string'])[0] : null
  const shelf = shelfOf(actor, category)
  const rows = await findFiles(deps.db.read, shelf, { before, limit })
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    files: await toStoredFiles(deps, actor, shown),
    total_count: await countFiles(deps.db.read, shelf),
    next_cursor: last && rows.length > limit ? encodeCursor([last.id]) : null,
  }
}

type Named = Pick<z.output<typeof deleteInput>, 'category' | 'filename'>
type Found = { readonly asset: AssetRow; readonly adIds: readonly string[] }

/** The actor's own file of this stored name, with the ads that show it. */
export async function getFile(deps: Deps, actor: Actor, { category, filename }: Named): Promise<Found> {
  const shelf = shelfOf(actor, category)
  const asset = await findFileByKey(deps.db.read, shelf, `${actor.tenantId}/${category}/${filename}`)
  if (!asset) throw notFound('file', filename)
  const adIds = await findAdIds(deps.db.read, actor.tenantId, [asset.id])
  return { asset, adIds: adIds.get(asset.id) ?? [] }
}

/** Deletes the ads that show a file, and the file with them once they can't be restored any more; or a file without ads, at once. */
export async function deleteStoredFile(deps: Deps, actor: Actor, { asset, adIds }: Found) {
  if (adIds.length > 0) await removeMany(deps, actor, { ids: [...adIds] })
  else await removeFile(deps, actor, asset)
  return { success: true as const, message: `Deleted "${asset.fileName}"` }
}

async function removeFile(deps: Deps, actor: Actor, row: AssetRow): Promise<void> {
  const asset = allow(actor, 'ads:write', row)
  await deps.db.write(async (tx) => {
    // Whether its bytes were sent lately is nothing to somebody who wants them gone.
    if (!(await removeUnusedAsset(tx, { id: asset.id, since: deps.clock.now() })))
      throw new AppError('conflict', `An ad shows "${asset.fileName}" since a moment ago. Ask for the list again`)
    await recordActivity(deps, actor, {
      tx,
      action: 'file.remove',
      subject: { kind: 'upload', id: asset.id, name: asset.fileName },
    })
    const about = { kind: 'uploads.changed', subjectId: asset.id, forScreens: false } as const
    await announce(deps, { tx, tenantId: actor.tenantId, ...about })
  })
  await deps.storage.remove(asset.posterKey === null ? [asset.key] : [asset.key, asset.posterKey])
}

function shelfOf(actor: Actor, category: UploadCategory): Shelf {
  return { tenantId: actor.tenantId, category }
}

async function toStoredFiles(deps: Deps, actor: Actor, rows: readonly AssetRow[]): Promise<StoredFile[]> {
  const adIds = await findAdIds(
    deps.db.read,
    actor.tenantId,
    rows.map((row) => row.id),
  )
  return Promise.all(
    rows.map(async (row) => ({
      ...(await toFile(deps, row)),
      modified_time: row.createdAt.getTime() / 1000,
      ad_ids: adIds.get(row.id) ?? [],
    })),
  )
}
