import type { z } from 'zod'
import type { SendPart } from './upload.send.ts'
import type { CompletedUpload, completeUpload, createUpload, signedParts, UploadState } from './uploads.ts'

/** What is sent: a `File` or `Blob`, or anything that gives pieces of itself (a file on a disk, a buffer). */
export type UploadSource = {
  readonly size: number
  readonly name?: string
  /** Milliseconds since 1970; part of the fingerprint. */
  readonly lastModified?: number
  slice(start: number, end: number): Blob | Uint8Array<ArrayBuffer> | Promise<Blob | Uint8Array<ArrayBuffer>>
  /**
   * Fills `into` with the bytes from `start` on and gives how many there were. A file on a disk should have it: parts then
   * use the same memory again, and new memory for each of them costs more time than to send it.
   */
  readonly read?: (into: Uint8Array<ArrayBuffer>, start: number) => number | Promise<number>
}

/** The procedures that the uploader calls. `client.uploads` of the typed client fits. */
export type UploadsApi = {
  readonly create: { mutate(input: z.input<typeof createUpload>): Promise<UploadState> }
  readonly list: {
    query(input: { cursor?: string; limit?: number }): Promise<{ items: UploadState[]; nextCursor: string | null }>
  }
  readonly get: { query(input: { id: string }): Promise<UploadState> }
  readonly sign: { mutate(input: { id: string; parts: number[] }): Promise<z.output<typeof signedParts>> }
  readonly complete: { mutate(input: z.input<typeof completeUpload>): Promise<CompletedUpload> }
  readonly cancel: { mutate(input: { id: string }): Promise<{ id: string }> }
}

/** `retrying`: the network or the server is away, and the uploader tries again by itself. `finishing`: the server judges. */
export type UploadPhase =
  | 'waiting'
  | 'checking'
  | 'sending'
  | 'retrying'
  | 'paused'
  | 'finishing'
  | 'done'
  | 'failed'
  | 'cancelled'

export type UploadProgress = {
  readonly state: UploadPhase
  /** Bytes that arrived or are on their way, those of an earlier attempt included. */
  readonly sentBytes: number
  readonly totalBytes: number
  /** Of the last seconds; 0 while nothing is sent. */
  readonly bytesPerSecond: number
  /** Null while it can't be said. */
  readonly secondsLeft: number | null
  /** True if this goes on with an upload that was begun before. */
  readonly resumed: boolean
  /** Why it failed, or why it is trying again. */
  readonly error: unknown
}

export type UploadOptions = {
  readonly api: UploadsApi
  readonly source: UploadSource
  /** Name to show; default: the source's own. */
  readonly fileName?: string
  readonly category?: 'ads' | 'agent'
  /** Looks at the content before anything is sent and throws a refusal (`judgeSource` of `judge.ts`). Left out: the server alone judges. */
  readonly judge?: (source: UploadSource, category: 'ads' | 'agent') => Promise<unknown>
  /** What `complete` is told besides the id; asked when all parts are there. */
  readonly completion?: () => Completion | Promise<Completion>
  readonly onProgress?: (progress: UploadProgress) => void
  /** `PUT`s one part to its link; default: over the network. For who runs in the server's own process. */
  readonly send?: SendPart
  /** Cancels the upload, as `cancel` does. */
  readonly signal?: AbortSignal
  /** First pause before something is tried again, in ms; it doubles up to 30 s. Default 500. */
  readonly retryDelayMs?: number
}
export type Completion = Omit<z.input<typeof completeUpload>, 'id'>

/** One file on its way. */
export type UploadHandle = {
  readonly progress: UploadProgress
  /** Rejects with the server's error (`error.data` is `ErrorData`), with `MediaRefused`, or (cancelled) with an `AbortError`. */
  readonly done: Promise<CompletedUpload>
  /** Stops sending; what has arrived stays. */
  pause(): void
  resume(): void
  /** Stops and has the server forget the upload. */
  cancel(): Promise<void>
}

/** Files sent one after another, so that the first is done early. */
export type UploadQueue = {
  add(options: Omit<UploadOptions, 'api'>): UploadHandle
  readonly handles: readonly UploadHandle[]
  /** True while something is waiting or on its way: leaving the page would stop it. */
  readonly busy: boolean
  pause(): void
  resume(): void
  cancel(): Promise<void>
}
