import type { UploadedFile } from '@marquee/shared/files.ts'
import { maxBytes } from '@marquee/shared/media.ts'
import { cleanFileName } from '@marquee/shared/uploads.ts'
import type { Actor } from '../../access.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { newDigest } from '../../lib/digest.ts'
import { type Form, type FormFile, readForm } from '../../lib/form.ts'
import { hashToken } from '../../lib/secret.ts'
import type { ByteSource } from '../../storage/storage.ts'
import { toFile } from '../media/files.usecases.ts'
import { getAsset } from '../media/media.usecases.ts'
import { type Received, readFields, receiveFile } from './uploads.receive.usecases.ts'

/** The form around the file: its other fields, headers and boundaries. */
const formBytes = 1024 * 1024
/** A client that is this long silent has gone. Slow ones, that send a little now and then, may take their time. */
const idleMs = 60_000

/** `POST /api/upload` as any runtime can say it. */
export type SentForm = {
  readonly contentType: string | null
  readonly contentLength: string | null
  readonly body: ByteSource | null
  /** Nobody else looks at the pieces of the body; see `PartOptions`. */
  readonly ownsPieces?: boolean
  readonly idleMs?: number
}

/** The answer, and a hash of what was asked: of the bytes and the fields, not of how the form was written. */
export type Uploaded = { readonly answer: UploadedFile; readonly requestHash: string }

/** Takes a form with one part `file`, and makes an asset and an ad of it. */
export async function receiveForm(deps: Deps, actor: Actor, sent: SentForm): Promise<Uploaded> {
  const form = openForm(sent)
  const file = await firstFile(form)
  const announced = sent.contentLength === null ? null : Number(sent.contentLength)
  const rest = () => noMoreFiles(form)
  const { ownsPieces = false } = sent
  const received = await receiveFile(deps, actor, { file, fields: form.fields, rest, announced, ownsPieces })
  const { row, sha256 } = received
  const requestHash = hashOf({ category: row.category, fileName: row.fileName, sha256 })
  return { answer: await toAnswer(deps, actor, received), requestHash }
}

/** Only reads a form, for the hash of what it asks. */
export async function hashForm(actor: Actor, sent: SentForm): Promise<string> {
  const form = openForm(sent)
  const file = await firstFile(form)
  const digest = newDigest()
  for await (const bytes of file.body) digest.update(bytes)
  await noMoreFiles(form)
  const { category } = readFields(actor, form.fields)
  return hashOf({ category, fileName: cleanFileName(file.fileName), sha256: digest.hex() })
}

function openForm({ contentType, contentLength, body, idleMs: idle = idleMs }: SentForm): Form {
  const most = Math.max(...Object.values(maxBytes.ads)) + formBytes
  if (Number(contentLength ?? 0) > most)
    throw new AppError('too-large', `A form may have ${most} bytes`, { detail: { maxBytes: most } })
  if (!body) throw new AppError('bad-input', 'There is no form in the body', { reason: 'form' })
  return readForm(contentType, awaited(body, idle))
}

async function firstFile(form: Form): Promise<FormFile> {
  const file = await form.nextFile()
  if (file?.name === 'file') return file
  const why = file
    ? `The file is in the part "${file.name.slice(0, 40)}"`
    : form.fields.has('file')
      ? 'Its part "file" is text, without a file name'
      : 'It has no part "file"'
  throw new AppError(
    'bad-input',
    `The form has no file. ${why}. Send it as the part "file", e.g. -F "file=@film.mp4"`,
    {
      reason: 'no-file',
    },
  )
}

async function noMoreFiles(form: Form): Promise<void> {
  if ((await form.nextFile()) === null) return
  throw new AppError('bad-input', 'The form has two files. Send each one by itself', { reason: 'two-files' })
}

/** The pieces of a body; a client that stops sending is told from one that is slow. */
async function* awaited(body: ByteSource, idle: number): AsyncGenerator<Uint8Array> {
  // A body of a Request can be iterated on both runtimes; TypeScript's DOM types do not know it.
  const source = (body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
  try {
    for (;;) {
      const { done, value } = await within(idle, source.next())
      if (done) return
      yield value
    }
  } finally {
    // Not awaited: what is stuck would never end.
    void source.return?.().catch(() => {})
  }
}

function within<T>(idle: number, next: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const silent = () => reject(gone(`Nothing came for ${idle / 1000} s`, 'body-idle'))
    const timer = setTimeout(silent, idle)
    next
      .then(resolve, (cause) => reject(gone('The connection broke off', 'body-broken', cause)))
      .finally(() => {
        clearTimeout(timer)
      })
  })
}

function gone(what: string, reason: string, cause?: unknown): AppError {
  return new AppError('client-gone', `${what}, so the upload was dropped. Nothing was stored; send it again`, {
    reason,
    cause,
  })
}

function hashOf(asked: { category: string; fileName: string; sha256: string }): string {
  return hashToken(JSON.stringify([asked.category, asked.fileName, asked.sha256]))
}

async function toAnswer(deps: Deps, actor: Actor, { row }: Received): Promise<UploadedFile> {
  const asset = row.assetId === null ? null : await getAsset(deps, actor, row.assetId)
  if (!asset) throw new AppError('gone', `The file "${row.fileName}" was deleted since`)
  return {
    success: true,
    message: row.adId === null ? `Stored "${row.fileName}"` : `"${row.fileName}" is an ad now`,
    ...(await toFile(deps, asset)),
    original_name: row.fileName,
    storage_path: asset.key,
    timestamp: Math.floor(deps.clock.now().getTime() / 1000),
    ad_id: row.adId,
    duplicate: row.duplicate,
  }
}
