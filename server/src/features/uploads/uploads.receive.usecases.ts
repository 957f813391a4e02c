import { uploadFields } from '@marquee/shared/files.ts'
import { maxBytes, type UploadCategory } from '@marquee/shared/media.ts'
import { cleanFileName } from '@marquee/shared/uploads.ts'
import { type Actor, allow, ensureCan } from '../../access.ts'
import type { UploadRow } from '../../db/rows.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { newDigest } from '../../lib/digest.ts'
import type { FormFile } from '../../lib/form.ts'
import { newId } from '../../lib/id.ts'
import { makeKey } from '../../storage/key.ts'
import type { StoredInfo } from '../../storage/storage.ts'
import { recordActivity } from '../activity/activity.usecases.ts'
import { ensureClient } from '../media/files.usecases.ts'
import { ensureQuota, ensureQuotaLikely } from '../tenants/quota.usecases.ts'
import { ensureRoom, ensureSize, extensionOf, newRow } from './uploads.begin.usecases.ts'
import { addUpload, findUpload, removeUnfinished } from './uploads.queries.ts'
import { settle } from './uploads.settle.usecases.ts'

/** A file whose size is known only when it is over, with what the form says before and behind it. */
export type Coming = {
  readonly file: FormFile
  readonly fields: ReadonlyMap<string, string>
  /** Reads the form to its end. */
  readonly rest: () => Promise<void>
  /** Bytes of the whole body, if the caller says so. */
  readonly announced: number | null
  /** Nobody else looks at the pieces of the file; see `PartOptions`. */
  readonly ownsPieces: boolean
}

/** The row of a finished upload, and the hash of its bytes. */
export type Received = { readonly row: UploadRow; readonly sha256: string }

/**
 * Takes a file in one piece: the bytes into the storage, then the row, then the same as with an upload in parts. Whatever
 * fails leaves nothing.
 */
export async function receiveFile(deps: Deps, actor: Actor, coming: Coming): Promise<Received> {
  ensureCan(actor, 'ads:write')
  const { file, announced } = coming
  // The form may name its category behind the file, so until then the largest of all limits holds.
  const { category } = readFields(actor, coming.fields)
  await ensureRoom(deps, announced ?? 0)
  await ensureHope(deps, actor, { category, announced: announced ?? 0 })
  const id = newId()
  const fileName = cleanFileName(file.fileName)
  const key = makeKey({ tenant: actor.tenantId, category, name: fileName, id, ext: extensionOf(fileName) })
  const { stored, sha256 } = await store(deps, key, coming)
  try {
    await coming.rest()
    const fields = readFields(actor, coming.fields)
    ensureSize(stored.size, fields.category)
    const row = await addRow(deps, actor, { id, fileName, stored, category: fields.category })
    const draft = fields.category === 'ads' ? {} : undefined
    await settle(deps, actor, { row: allow(actor, 'ads:write', row), draft, poster: null, sha256, step: () => {} })
    return { row: (await findUpload(deps.db.read, actor.tenantId, id)) ?? row, sha256 }
  } catch (error) {
    await forget(deps, actor, { id, key })
    throw error
  }
}

/** What a form may have beside its file. */
const formBytes = 64 * 1024

/** Refuses before the bytes come what would be refused behind them; the form itself has some bytes, too. */
async function ensureHope(
  deps: Deps,
  { tenantId }: Actor,
  { category, announced }: { category: UploadCategory; announced: number },
): Promise<void> {
  await ensureQuotaLikely(deps, { tenantId, kind: 'bytes', more: Math.max(1, announced - formBytes) })
  if (category === 'ads') await ensureQuotaLikely(deps, { tenantId, kind: 'ads', more: 1 })
}

export type ReadFields = { readonly category: UploadCategory }

/** The text fields, as far as they have come. Those that nobody knows are left alone, as in a URL. */
export function readFields(actor: Actor, fields: ReadonlyMap<string, string>): ReadFields {
  const parsed = uploadFields.safeParse(Object.fromEntries(fields))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const field = String(issue?.path[0] ?? '')
    throw new AppError('bad-input', `"${field}": ${issue?.message ?? 'does not fit'}`, { detail: { field } })
  }
  ensureClient(actor, parsed.data.client)
  return parsed.data
}

async function store(
  deps: Deps,
  key: string,
  { file, ownsPieces }: Coming,
): Promise<{ stored: StoredInfo; sha256: string }> {
  const digest = newDigest()
  const most = Math.max(...Object.values(maxBytes).flatMap((kinds) => Object.values(kinds)))
  try {
    const stored = await deps.storage.put(key, hashed(file.body, digest), { maxBytes: most, ownsPieces })
    return { stored, sha256: digest.hex() }
  } catch (error) {
    // What the form itself said, not that the storage got no more.
    throw error instanceof Error && error.cause instanceof AppError ? error.cause : error
  }
}

async function* hashed(body: AsyncIterable<Uint8Array>, digest: ReturnType<typeof newDigest>) {
  for await (const bytes of body) {
    digest.update(bytes)
    yield bytes
  }
}

type New = {
  readonly id: string
  readonly fileName: string
  readonly stored: StoredInfo
  readonly category: UploadCategory
}

async function addRow(deps: Deps, actor: Actor, { id, fileName, stored, category }: New): Promise<UploadRow> {
  const { size, key } = stored
  // One part that is there, under a name that no upload of the storage has.
  const upload = { key, storageId: crypto.randomUUID(), size, partSize: Math.max(size, 1) }
  const row = { ...newRow(deps, actor, { id, fileName, size, category, stored: upload }), state: 'completing' as const }
  await deps.db.write(async (tx) => {
    await ensureQuota(deps, tx, { tenantId: actor.tenantId, kind: 'bytes', more: size })
    await addUpload(tx, allow(actor, 'ads:write', row))
    const subject = { kind: 'upload', id, name: fileName } as const
    await recordActivity(deps, actor, { tx, action: 'upload.create', subject })
  })
  return row
}

/** Takes back what was begun, unless it is done: then only its answer failed. */
async function forget(deps: Deps, actor: Actor, { id, key }: { id: string; key: string }): Promise<void> {
  const isDone = await deps.db.write((tx) => removeUnfinished(tx, { tenantId: actor.tenantId, id }))
  if (!isDone) await deps.storage.remove([key])
}
