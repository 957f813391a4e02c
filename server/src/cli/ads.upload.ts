import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { AdDraft } from '@marquee/shared/ads.ts'
import { mediaTypes } from '@marquee/shared/media.ts'
import type { PartBody } from '@marquee/shared/upload.send.ts'
import { type UploadSource, type UploadsApi, uploadFile } from '@marquee/shared/upload.ts'
import * as schemas from '@marquee/shared/uploads.ts'
import type { Actor } from '../access.ts'
import type { Deps } from '../deps.ts'
import { toAppError } from '../errors.ts'
import { receivePart } from '../features/media/media.http.ts'
import * as uploads from '../features/uploads/uploads.usecases.ts'
import { UsageError } from './explain.ts'
import { printLine, printNote } from './print.ts'
import { makeProgress } from './progress.ts'

const extensions: ReadonlySet<string> = new Set([
  ...Object.values(mediaTypes).map(({ extension }) => extension),
  'jpeg',
  'm4v',
])

/** Named files as they are; of folders those that look like films and pictures, in the order of their names. */
export async function findMedia(paths: readonly string[]): Promise<string[]> {
  const files: string[] = []
  for (const path of paths) {
    const stats = await stat(path).catch(() => null)
    if (!stats) throw new UsageError(`There is no file or folder "${path}"`)
    if (stats.isDirectory()) files.push(...(await filesIn(path)))
    else files.push(path)
  }
  return files
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && looksLikeMedia(entry.name))
    .map((entry) => join(folder, entry.name))
    .sort()
}

function looksLikeMedia(name: string): boolean {
  return extensions.has(/\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '')
}

/** One after another, through the uploader that the panel uses; gives how many failed. */
export async function uploadAll(
  deps: Deps,
  actor: Actor,
  { files, draft }: { files: readonly string[]; draft: AdDraft },
): Promise<number> {
  const bar = makeProgress()
  let failed = 0
  for (const path of files) {
    try {
      const { ad, duplicate } = await uploadOne(deps, actor, { path, draft, onBytes: bar.show })
      bar.end()
      printLine(`${path}: ${duplicate ? 'uses bytes that were there already, ' : ''}ad "${ad?.title}" ${ad?.id}`)
    } catch (error) {
      bar.end()
      failed++
      printNote(`${path}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return failed
}

type One = { path: string; draft: AdDraft; onBytes: (what: string, done: number, all: number) => void }

async function uploadOne(deps: Deps, actor: Actor, { path, draft, onBytes }: One) {
  const file = await open(path)
  try {
    return await uploadFile({
      api: apiOf(deps, actor),
      source: await sourceOf(file, basename(path)),
      completion: () => ({ ad: draft }),
      onProgress: ({ sentBytes, totalBytes }) => onBytes(basename(path), sentBytes, totalBytes),
      send: (url, body) => named(() => putPart(deps, url, body)),
    }).done
  } finally {
    await file.close()
  }
}

/** A file that is read piece by piece, so that one of any size needs little memory. */
async function sourceOf(file: FileHandle, name: string): Promise<UploadSource> {
  const { size, mtimeMs } = await file.stat()
  return {
    name,
    size,
    lastModified: Math.round(mtimeMs),
    async slice(start, end) {
      const bytes = new Uint8Array(end - start)
      const { bytesRead } = await file.read(bytes, 0, bytes.length, start)
      return bytes.subarray(0, bytesRead)
    },
  }
}

/** The use cases behind the procedures, with the same schemas before them. */
function apiOf(deps: Deps, actor: Actor): UploadsApi {
  return {
    create: { mutate: (input) => named(() => uploads.createUpload(deps, actor, schemas.createUpload.parse(input))) },
    list: { query: (input) => named(() => uploads.listUploads(deps, actor, schemas.listUploads.parse(input))) },
    get: { query: (input) => named(() => uploads.getUpload(deps, actor, input)) },
    sign: { mutate: (input) => named(() => uploads.signParts(deps, actor, schemas.signParts.parse(input))) },
    complete: {
      mutate: (input) => named(() => uploads.completeUpload(deps, actor, schemas.completeUpload.parse(input))),
    },
    cancel: { mutate: (input) => named(() => uploads.cancelUpload(deps, actor, input)) },
  }
}

async function putPart(deps: Deps, url: string, body: PartBody): Promise<void> {
  const bytes = body instanceof Blob ? new Uint8Array(await body.arrayBuffer()) : body
  const pieces = (async function* () {
    yield bytes
  })()
  await receivePart(deps, { url: new URL(url), contentLength: String(bytes.byteLength), body: pieces })
}

/** Errors as the uploader knows them from the network: it reads the code in `data`, to see whether trying again helps. */
async function named<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const known = toAppError(error)
    throw Object.assign(known, { data: { code: known.code } })
  }
}
