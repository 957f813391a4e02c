import type { Category } from '@marquee/shared/media.ts'

/** A stream of bytes, web style, as `Request.body` gives it. */
export type ByteStream = ReadableStream<Uint8Array<ArrayBuffer>>

/** Bytes as they come: a web stream, or whatever gives piece after piece. */
export type ByteSource = ByteStream | AsyncIterable<Uint8Array>

/** What is known of stored bytes without reading them. */
export type StoredInfo = {
  readonly key: string
  /** Bytes. */
  readonly size: number
  /** What the key's extension stands for; see `typeOfKey`. */
  readonly type: string
  /** Strong, without quotes; never changes, since a key is never reused. */
  readonly etag: string
  readonly modifiedAt: Date
}

/** Both ends included, counted from 0, as in HTTP. */
export type ByteRange = { readonly start: number; readonly end: number }

/** An upload in parts that was begun. Plain data: callers keep it in a row and give it back. */
export type StorageUpload = {
  readonly key: string
  /** The adapter's own id of it. */
  readonly storageId: string
  /** Bytes of the whole. */
  readonly size: number
  /** Bytes of every part but the last. */
  readonly partSize: number
}
export type StoredPart = { readonly part: number; readonly size: number; readonly etag: string }

export type PartOptions = {
  readonly signal?: AbortSignal | undefined
  /** Nobody else looks at the pieces that `body` gives, so the storage may free the memory of each as soon as it is done. */
  readonly ownsPieces?: boolean | undefined
}

export type PutOptions = {
  /** Refuses with `checksum` when the stream has another length. */
  readonly size?: number
  /** Hexadecimal. Refuses with `checksum` when the bytes have another. */
  readonly sha256?: string
  /** Refuses with `too-large` as soon as more arrive. */
  readonly maxBytes: number
  readonly signal?: AbortSignal
  /** As with `PartOptions`. */
  readonly ownsPieces?: boolean | undefined
}

/**
 * Where bytes live. Keys are made by `key.ts` alone; an adapter refuses any other shape with `bad-key`.
 *
 * - `put` and `completeUpload` are all or nothing: no reader ever sees a part, whatever happens in between.
 * - After `put` or `completeUpload` answered, the bytes survive a power cut.
 * - `get` and `head` of a missing key give null; `remove` of a missing key is silent.
 * - `get` reads in pieces of up to 1 MB and stops reading when its stream is cancelled. A range that goes over the end is
 *   cut to it; one wholly outside has an empty body.
 * - `list` gives keys in ascending order of their UTF-8 bytes, by pages.
 * - Every failure is a `StorageError`.
 */
export type Storage = {
  put(key: string, body: ByteSource, options: PutOptions): Promise<StoredInfo>
  get(
    key: string,
    options?: { range?: ByteRange; signal?: AbortSignal },
  ): Promise<{ info: StoredInfo; body: ByteStream } | null>
  head(key: string): Promise<StoredInfo | null>
  list(
    prefix: string,
    page: { cursor?: string; limit: number },
  ): Promise<{ items: StoredInfo[]; nextCursor: string | null }>
  remove(keys: readonly string[]): Promise<void>
  /** Copies inside the storage; the target appears whole. `not-found` when `from` is missing. */
  copy(from: string, to: string): Promise<StoredInfo>
  /**
   * A URL for `GET` and `HEAD` of this object alone, good for `expiresIn` ms or longer, and the same one for a while so
   * that caches hold it. Absolute, or a path of this server (`/media/…`) that the caller puts behind `deps.baseUrl`.
   * One that is known already is given at once, since lists ask for hundreds.
   */
  url(key: string, options: { expiresIn: number; filename?: string }): string | Promise<string>

  createUpload(key: string, options: { size: number }): Promise<StorageUpload>
  /** The `partSize` that an upload of so many bytes gets. */
  partSizeFor(size: number): number
  /** A URL (as with `url`) to `PUT` exactly this part to, until `expiresAt`. Parts count from 1. */
  signPart(upload: StorageUpload, part: number): Promise<{ url: string; expiresAt: Date }>
  /**
   * Takes a part's bytes; all or nothing. Sent twice, the later one stands, and until it is there whole the part is missing.
   * `checksum` if the length is not the part's, `bad-part` if the upload has no such part, `not-found` if the upload is
   * over (completed, aborted, never begun).
   */
  putPart(upload: StorageUpload, part: number, body: ByteSource, options?: PartOptions): Promise<StoredPart>
  listParts(upload: StorageUpload): Promise<StoredPart[]>
  /** `parts-missing` unless all parts are there and none is on its way. Asked twice, answers the same. No part is taken afterwards. */
  completeUpload(upload: StorageUpload): Promise<StoredInfo>
  /** Forgets an upload and its parts; silent if it is gone. */
  abortUpload(upload: StorageUpload): Promise<void>
  /** Uploads begun and neither completed nor aborted, oldest first, for the sweep. */
  listUploads(): Promise<{ key: string; storageId: string; startedAt: Date }[]>

  /** SHA-256 of an object's bytes in hexadecimal; `not-found` when it is missing. */
  sha256(key: string): Promise<string>
  /** A file of this machine that has the object's bytes, where the adapter keeps them so: for tools that read files. */
  file?(key: string): string

  /** Free bytes, or null where the store has no such limit. */
  freeBytes(): Promise<number | null>
  /** Rejects unless the store can be read and written now. */
  ping(): Promise<void>
}

/** How many bytes part `part` of an upload has; null if the upload has no such part. */
export function partLength(upload: Pick<StorageUpload, 'size' | 'partSize'>, part: number): number | null {
  const start = (part - 1) * upload.partSize
  if (!Number.isSafeInteger(part) || part < 1 || start >= upload.size) return null
  return Math.min(upload.partSize, upload.size - start)
}

/** The same; throws `bad-part` if there is none. */
export function ensurePart(upload: Pick<StorageUpload, 'size' | 'partSize'>, part: number): number {
  const length = partLength(upload, part)
  if (length === null)
    throw new StorageError('bad-part', `The upload has no part ${part}; its parts are 1 to ${partCount(upload)}`)
  return length
}

/** How many parts an upload has. */
export function partCount(upload: Pick<StorageUpload, 'size' | 'partSize'>): number {
  return Math.ceil(upload.size / upload.partSize)
}

/** The parts of a key: `{tenant}/{category}/{name}_{id}.{ext}`. */
export type KeyParts = {
  readonly tenant: string
  readonly category: Category
  readonly name: string
  readonly id: string
  readonly ext: string
}

export type StorageErrorCode =
  | 'not-found'
  | 'too-large'
  | 'full'
  | 'denied'
  | 'unavailable'
  | 'aborted'
  | 'bad-key'
  | 'checksum'
  | 'parts-missing'
  | 'bad-part'

export class StorageError extends Error {
  readonly code: StorageErrorCode
  /** Whether the same call may work later. */
  readonly retry: boolean
  constructor(code: StorageErrorCode, message: string, options: { cause?: unknown; retry?: boolean } = {}) {
    super(message, { cause: options.cause })
    this.name = 'StorageError'
    this.code = code
    this.retry = options.retry ?? (code === 'unavailable' || code === 'checksum')
  }
}
