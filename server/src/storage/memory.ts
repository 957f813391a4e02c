import { createHash, randomUUID } from 'node:crypto'
import { checkKey, typeOfKey } from './key.ts'
import { links } from './local.ts'
import { byBytes } from './local-list.ts'
import { ensureWhole } from './local-parts.ts'
import type { Signer } from './signed-path.ts'
import {
  type ByteRange,
  type ByteSource,
  type ByteStream,
  ensurePart,
  type PutOptions,
  type Storage,
  StorageError,
  type StorageUpload,
  type StoredInfo,
  type StoredPart,
} from './storage.ts'

type Bytes = Uint8Array<ArrayBuffer>
type Stored = { readonly bytes: Bytes; readonly modifiedAt: Date; readonly etag: string }
type Begun = { readonly key: string; readonly startedAt: Date; readonly parts: Map<number, Bytes>; running: number }
type State = { readonly objects: Map<string, Stored>; readonly uploads: Map<string, Begun>; readonly now: () => Date }
const MB = 1024 * 1024

/** Everything in memory, for tests. Keeps every promise but that bytes survive. */
export function openMemoryStorage(options: { signer: Signer; now?: () => Date; partSize?: number }): Storage {
  const state: State = { objects: new Map(), uploads: new Map(), now: options.now ?? (() => new Date()) }
  return {
    ...objectVerbs(state),
    ...uploadVerbs(state, options.partSize ?? 8 * MB),
    ...links(options),
    freeBytes: async () => null,
    ping: async () => {},
  }
}

function objectVerbs(state: State): Pick<Storage, 'put' | 'get' | 'head' | 'list' | 'remove' | 'copy' | 'sha256'> {
  const { objects } = state
  return {
    async put(key, body, options) {
      checkKey(key)
      const bytes = await receive(body, options)
      ensureAnnounced(bytes, options)
      return store(state, key, bytes)
    },
    async get(key, { range, signal } = {}) {
      const info = infoOf(state, key)
      return info && { info, body: pieces(objects.get(key)?.bytes ?? new Uint8Array(), range, signal) }
    },
    head: async (key) => infoOf(state, key),
    async sha256(key) {
      getInfo(state, key)
      return createHash('sha256')
        .update(objects.get(key)?.bytes ?? '')
        .digest('hex')
    },
    async list(prefix, { cursor = '', limit }) {
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && byBytes(key, cursor) > 0).sort(byBytes)
      const items = keys.slice(0, limit).map((key) => infoOf(state, key))
      const nextCursor = keys.length > limit ? (keys[limit - 1] ?? null) : null
      return { items: items.filter((item) => item !== null), nextCursor }
    },
    async remove(keys) {
      keys.forEach(checkKey)
      for (const key of keys) objects.delete(key)
    },
    async copy(from, to) {
      checkKey(from)
      checkKey(to)
      const found = objects.get(from)
      if (!found) throw new StorageError('not-found', `There is no "${from}"`)
      return store(state, to, found.bytes)
    },
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

function uploadVerbs(state: State, partSize: number): Pick<Storage, UploadVerbs> {
  const { uploads } = state
  return {
    async createUpload(key, { size }) {
      checkKey(key)
      const storageId = randomUUID()
      uploads.set(storageId, { key, startedAt: state.now(), parts: new Map(), running: 0 })
      return { key, storageId, size, partSize }
    },
    partSizeFor: () => partSize,
    async putPart(upload, part, body, { signal } = {}) {
      const maxBytes = ensurePart(upload, part)
      const begun = getBegun(state, upload)
      begun.parts.delete(part)
      begun.running++
      try {
        const bytes = await receive(body, { maxBytes, ...(signal && { signal }) }).catch(tooLong)
        if (bytes.length !== maxBytes)
          throw new StorageError('checksum', `Part ${part} has ${maxBytes} bytes, but ${bytes.length} were sent`)
        getBegun(state, upload).parts.set(part, bytes)
        return toPart(part, bytes)
      } finally {
        begun.running--
      }
    },
    listParts: async (upload) =>
      [...getBegun(state, upload).parts].sort(([a], [b]) => a - b).map(([part, bytes]) => toPart(part, bytes)),
    async completeUpload(upload) {
      const begun = uploads.get(upload.storageId)
      if (!begun) return getInfo(state, upload.key)
      if (begun.running > 0)
        throw new StorageError('parts-missing', 'A part is still on its way. Complete the upload when it has arrived')
      const parts = [...begun.parts].sort(([a], [b]) => a - b)
      ensureWhole(
        upload,
        parts.map(([part, bytes]) => toPart(part, bytes)),
      )
      const whole = new Uint8Array(upload.size)
      for (const [part, bytes] of parts) whole.set(bytes, (part - 1) * upload.partSize)
      uploads.delete(upload.storageId)
      return store(state, upload.key, whole)
    },
    async abortUpload(upload) {
      uploads.delete(upload.storageId)
    },
    listUploads: async () => [...uploads].map(([storageId, { key, startedAt }]) => ({ storageId, key, startedAt })),
  }
}

function store(state: State, key: string, bytes: Bytes): StoredInfo {
  state.objects.set(key, { bytes, modifiedAt: state.now(), etag: createHash('md5').update(bytes).digest('hex') })
  return getInfo(state, key)
}

function infoOf({ objects }: State, key: string): StoredInfo | null {
  checkKey(key)
  const found = objects.get(key)
  return found
    ? { key, size: found.bytes.length, type: typeOfKey(key), etag: found.etag, modifiedAt: found.modifiedAt }
    : null
}

function getInfo(state: State, key: string): StoredInfo {
  const info = infoOf(state, key)
  if (!info) throw new StorageError('not-found', `There is no "${key}"`)
  return info
}

function getBegun({ uploads }: State, upload: StorageUpload): Begun {
  const begun = uploads.get(upload.storageId)
  if (!begun) throw new StorageError('not-found', 'There is no such upload. It was completed, cancelled or swept')
  return begun
}

function toPart(part: number, bytes: Bytes): StoredPart {
  return { part, size: bytes.length, etag: `${part}-${bytes.length}` }
}

async function receive(
  body: ByteSource,
  { maxBytes, signal }: Pick<PutOptions, 'maxBytes' | 'signal'>,
): Promise<Bytes> {
  const received: Bytes[] = []
  try {
    let total = 0
    for await (const piece of body) {
      signal?.throwIfAborted()
      total += piece.length
      if (total > maxBytes) throw new StorageError('too-large', `More than ${maxBytes} bytes were sent`)
      received.push(new Uint8Array(piece))
    }
    signal?.throwIfAborted()
    return new Uint8Array(await new Blob(received).arrayBuffer())
  } catch (cause) {
    throw cause instanceof StorageError ? cause : new StorageError('aborted', 'The bytes stopped coming', { cause })
  }
}

function ensureAnnounced(bytes: Bytes, { size, sha256 }: PutOptions): void {
  if (size !== undefined && bytes.length !== size)
    throw new StorageError('checksum', `${size} bytes were announced, but ${bytes.length} were sent`)
  if (sha256 !== undefined && createHash('sha256').update(bytes).digest('hex') !== sha256) {
    throw new StorageError('checksum', 'The bytes do not have the announced sha256. Send them again')
  }
}

function pieces(bytes: Bytes, range?: ByteRange, signal?: AbortSignal): ByteStream {
  let at = range?.start ?? 0
  const end = Math.min((range?.end ?? bytes.length - 1) + 1, bytes.length)
  return new ReadableStream(
    {
      pull(controller) {
        if (signal?.aborted) return controller.error(new StorageError('aborted', 'The read was broken off'))
        if (at < end) controller.enqueue(bytes.slice(at, Math.min(at + MB, end)))
        at += MB
        if (at >= end) controller.close()
      },
    },
    { highWaterMark: 0 },
  )
}

function tooLong(error: unknown): never {
  if (error instanceof StorageError && error.code === 'too-large')
    throw new StorageError('checksum', 'More bytes were sent than the part has', { cause: error })
  throw error
}
