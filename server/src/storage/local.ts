import { randomUUID } from 'node:crypto'
import { dirname, join } from 'node:path'
import { BoundedMap } from '../lib/bounded-map.ts'
import { checkKey, parseKey, typeOfKey } from './key.ts'
import {
  diskFs,
  isMissing,
  type LocalFile,
  type LocalFs,
  makeFolderOf,
  newHash,
  readStream,
  removeFile,
  syncFolder,
  toStorageError,
} from './local-files.ts'
import { type Hashes, makeHashes } from './local-hash.ts'
import { listKeys } from './local-list.ts'
import { partSizeFor } from './local-parts.ts'
import { type UploadsFolder, uploadsFolder } from './local-uploads.ts'
import { writeStream } from './local-write.ts'
import { type ObjectLink, type Signer, signObject, signPart, steadyExpiry } from './signed-path.ts'
import { type ByteSource, ensurePart, type PutOptions, type Storage, StorageError, type StoredInfo } from './storage.ts'

export type LocalOptions = {
  /** Folder that this adapter owns. One process at a time may take uploads in it. */
  readonly folder: string
  readonly signer: Signer
  readonly now?: () => Date
  readonly fs?: LocalFs
}
/** A signed part URL lives this long; then it is signed again. */
export const partLinkMs = 15 * 60 * 1000
const syncBytes = 16 * 1024 * 1024
/** About 5 MB of memory. */
const knownLinks = 10_000

type LocalStorage = Storage & { file(key: string): string }
type Place = {
  readonly fs: LocalFs
  readonly objects: string
  readonly incoming: string
  readonly path: (key: string) => string
  readonly hashes: Hashes
}

/** Objects as files below `objects/`, put together in `uploads/` and `incoming/` on the same file system, then renamed. */
export async function openLocalStorage(options: LocalOptions): Promise<LocalStorage> {
  const { folder, fs = diskFs } = options
  const objects = join(folder, 'objects')
  const path = (key: string) => {
    checkKey(key)
    return join(objects, ...key.split('/'))
  }
  const hashes = makeHashes(fs)
  const place = { fs, objects, incoming: join(folder, 'incoming'), path, hashes }
  await guard(async () => {
    for (const one of [objects, place.incoming, join(folder, 'uploads')]) await fs.mkdir(one, { recursive: true })
    await removeOld(fs, place.incoming)
  })
  return {
    file: path,
    ...objectVerbs(place),
    ...uploadVerbs(place, uploadsFolder({ fs, root: join(folder, 'uploads'), hashes }), options),
    ...links(options),
    freeBytes: () =>
      guard(async () => {
        const { bavail, bsize } = await fs.statfs(folder)
        return bavail * bsize
      }),
    ping: () => guard(() => viaTemporary(place, async (file) => void (await file.write(new Uint8Array(1))))),
  }
}

function objectVerbs(place: Place): Pick<Storage, 'put' | 'get' | 'head' | 'list' | 'remove' | 'copy' | 'sha256'> {
  const { fs, path, objects, hashes } = place
  return {
    head: (key) => guard(() => head(place, key)),
    put: (key, body, options) =>
      guard(async () => {
        const target = path(key)
        await viaTemporary(place, async (file, temporary) => {
          await receive(file, body, options)
          await file.sync()
          await settle(fs, temporary, target)
        })
        return getInfo(place, key)
      }),
    get: (key, { range, signal } = {}) =>
      guard(async () => {
        const file = await fs.open(path(key), 'r').catch((error) => (isMissing(error) ? null : Promise.reject(error)))
        if (!file) return null
        const info = await describe(file, key)
        const whole = { start: range?.start ?? 0, end: Math.min(range?.end ?? info.size - 1, info.size - 1) }
        return { info, body: readStream(file, whole, signal) }
      }),
    list: (prefix, page) =>
      guard(async () => {
        const { keys, nextCursor } = await listKeys(fs, objects, { prefix, ...page })
        const items = await Promise.all(keys.map((key) => head(place, key)))
        return { items: items.filter((item) => item !== null), nextCursor }
      }),
    remove: (keys) =>
      guard(async () => {
        for (const one of keys.map(path)) await removeFile(fs, one)
      }),
    sha256: (key) => guard(() => hashes.sha256(path(key))),
    copy: (from, to) =>
      guard(async () => {
        await copyFile(place, path(from), path(to))
        return getInfo(place, to)
      }),
  }
}

type UploadVerbs =
  | 'createUpload'
  | 'partSizeFor'
  | 'putPart'
  | 'listParts'
  | 'completeUpload'
  | 'abortUpload'
  | 'listUploads'

function uploadVerbs(
  place: Place,
  uploads: UploadsFolder,
  { now = () => new Date() }: LocalOptions,
): Pick<Storage, UploadVerbs> {
  return {
    partSizeFor,
    createUpload: (key, { size }) =>
      guard(async () => {
        checkKey(key)
        return uploads.create(key, size, now())
      }),
    putPart: (upload, part, body, options = {}) => guard(() => uploads.put({ upload, part, body, ...options })),
    listParts: (upload) => guard(() => uploads.list(upload)),
    completeUpload: (upload) =>
      guard(async () => {
        await uploads.complete(upload, place.path(upload.key))
        return getInfo(place, upload.key)
      }),
    abortUpload: (upload) => guard(() => uploads.abort(upload)),
    listUploads: () => guard(() => uploads.listAll()),
  }
}

/** Links that point at the server itself; `media.http.ts` answers them. */
export function links({
  signer,
  now = () => new Date(),
}: Pick<LocalOptions, 'signer' | 'now'>): Pick<Storage, 'url' | 'signPart'> {
  // A list signs a hundred links, and they are the same ones for a whole period.
  const known = new BoundedMap<string, ObjectLink & { readonly url: string }>(knownLinks)
  const sign = async (link: ObjectLink) => {
    checkKey(link.key)
    const url = signObject(signer, link)
    known.set(link.key, { ...link, url })
    return url
  }
  return {
    url: (key, { expiresIn, filename = null }) => {
      const expiresAt = steadyExpiry(now().getTime(), expiresIn)
      const before = known.get(key)
      const isSame = before?.expiresAt === expiresAt && before.filename === filename
      return isSame ? before.url : sign({ key, filename, expiresAt })
    },
    signPart: async (upload, part) => {
      ensurePart(upload, part)
      const expiresAt = now().getTime() + partLinkMs
      return { url: signPart(signer, { upload, part, expiresAt }), expiresAt: new Date(expiresAt) }
    },
  }
}

async function guard<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw toStorageError(error)
  }
}

/** Gives `work` a new file, which is gone afterwards unless `work` moved it. */
async function viaTemporary(
  { fs, incoming }: Place,
  work: (file: LocalFile, path: string) => Promise<void>,
): Promise<void> {
  const temporary = join(incoming, randomUUID())
  const file = await fs.open(temporary, 'wx')
  try {
    await work(file, temporary)
  } finally {
    await file.close()
    await removeFile(fs, temporary)
  }
}

async function receive(file: LocalFile, body: ByteSource, options: PutOptions): Promise<void> {
  const hash = options.sha256 === undefined ? undefined : newHash()
  const { maxBytes, signal, size, sha256, ownsPieces } = options
  const early = syncEarly(file)
  const writing = { position: 0, maxBytes, signal, ownsPieces, ...(hash && { hash }) }
  const sent = await writeStream(file, early.watch(body), writing).finally(() => early.end())
  if (size !== undefined && sent !== size)
    throw new StorageError('checksum', `${size} bytes were announced, but ${sent} were sent`)
  if (hash && hash.digest('hex') !== sha256)
    throw new StorageError('checksum', 'The bytes do not have the announced sha256. Send them again')
}

/** The disk begins to write while bytes still come, so that the sync at the end has little left to do. */
function syncEarly(file: LocalFile) {
  let running: Promise<void> | null = null
  const sync = () => {
    // A failure comes again with the sync at the end.
    running ??= file
      .datasync()
      .catch(() => {})
      .finally(() => {
        running = null
      })
  }
  return {
    async *watch(body: ByteSource) {
      let since = 0
      // A web stream gives its pieces so, too; TypeScript's DOM types do not know it.
      for await (const piece of body as AsyncIterable<Uint8Array>) {
        since += piece.byteLength
        yield piece
        if (since < syncBytes) continue
        since = 0
        sync()
      }
    },
    end: async () => void (await running),
  }
}

/** A second name for the same bytes where the file system can: objects never change. */
async function copyFile({ fs, incoming }: Place, from: string, to: string): Promise<void> {
  const temporary = join(incoming, randomUUID())
  try {
    await fs.link(from, temporary).catch(async (error) => {
      if (isMissing(error)) throw error
      await fs.copyFile(from, temporary)
      const file = await fs.open(temporary, 'r+')
      await file.sync().finally(() => file.close())
    })
    await settle(fs, temporary, to)
  } finally {
    // A rename over another link of the same file leaves both names.
    await removeFile(fs, temporary)
  }
}

/** The file appears under its name, whole and durably. */
async function settle(fs: LocalFs, from: string, to: string): Promise<void> {
  await makeFolderOf(fs, to)
  await fs.rename(from, to)
  await syncFolder(fs, dirname(to))
}

async function head({ fs, path }: Place, key: string): Promise<StoredInfo | null> {
  const stats = await fs.stat(path(key)).catch((error) => (isMissing(error) ? null : Promise.reject(error)))
  return stats && infoOfFile(key, stats)
}

async function getInfo(place: Place, key: string): Promise<StoredInfo> {
  const info = await head(place, key)
  if (!info) throw new StorageError('not-found', `There is no "${key}"`)
  return info
}

async function describe(file: LocalFile, key: string): Promise<StoredInfo> {
  try {
    return infoOfFile(key, await file.stat())
  } catch (error) {
    await file.close()
    throw error
  }
}

/** What is known of an object by its file. */
export function infoOfFile(key: string, stats: { size: number; mtime: Date }): StoredInfo {
  return { key, size: stats.size, type: typeOfKey(key), etag: etagOf(key, stats.size), modifiedAt: stats.mtime }
}

/** A key is never given to other bytes, so its id says which bytes they are. */
export function etagOf(key: string, size: number): string {
  return `${parseKey(key).id}-${size.toString(36)}`
}

/** What a crash left of `put`; a day is longer than any one takes. */
async function removeOld(fs: LocalFs, folder: string): Promise<void> {
  for (const name of await fs.readdir(folder)) {
    const stats = await fs.stat(join(folder, name)).catch(() => null)
    if (stats && Date.now() - stats.mtimeMs > 24 * 60 * 60 * 1000) await removeFile(fs, join(folder, name))
  }
}
