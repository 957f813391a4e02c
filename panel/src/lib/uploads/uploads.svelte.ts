import type { UploadHandle, UploadPhase, UploadProgress, UploadQueue } from '@marquee/shared/upload.ts'
import type { CompletedUpload, UploadState } from '@marquee/shared/uploads.ts'
import { api } from '../api.ts'
import { complain, receipt } from '../screens/receipts.ts'
import { errorFacts } from '../words/error-words.ts'
import { w } from '../words/words.svelte.ts'

/** Finished uploads are seen for this long before the tray goes. */
const tidyAfterMs = 5_000

/** One file in the tray. */
export class UploadItem {
  readonly key: number
  readonly file: File
  phase = $state<UploadPhase>('waiting')
  sent = $state(0)
  rate = $state(0)
  secondsLeft = $state<number | null>(null)
  resumed = $state(false)
  error = $state.raw<unknown>(null)
  duplicate = $state(false)
  readonly ended = $derived(this.phase === 'done' || this.phase === 'failed' || this.phase === 'cancelled')
  handle: UploadHandle | null = null

  constructor(key: number, file: File) {
    this.key = key
    this.file = file
  }

  /** How much has arrived, from 0 to 1. */
  get share(): number {
    if (this.phase === 'done') return 1
    return this.file.size > 0 ? Math.min(1, this.sent / this.file.size) : 0
  }

  follow(progress: UploadProgress): void {
    this.phase = progress.state
    this.sent = progress.sentBytes
    this.rate = progress.bytesPerSecond
    this.secondsLeft = progress.secondsLeft
    this.resumed = progress.resumed
  }
}

/** An upload of an earlier page that can go on as soon as its file is chosen again. */
export type Unfinished = Pick<UploadState, 'id' | 'fileName' | 'size'> & { share: number }

/** The files on their way, those that are done, and those of an earlier visit. */
class Uploads {
  items = $state.raw<readonly UploadItem[]>([])
  unfinished = $state.raw<readonly Unfinished[]>([])
  readonly running = $derived(this.items.filter((item) => !item.ended))
  readonly failed = $derived(this.items.filter((item) => item.phase === 'failed'))
  readonly done = $derived(this.items.filter((item) => item.phase === 'done'))
  readonly any = $derived(this.items.length > 0 || this.unfinished.length > 0)
  #queue: Promise<UploadQueue> | null = null
  #next = 1

  add(files: Iterable<File>): void {
    const added = [...files].map((file) => new UploadItem(this.#next++, file))
    this.items = [...this.items, ...added]
    for (const item of added) void this.#send(item)
  }

  retry(item: UploadItem): void {
    this.dismiss(item)
    this.add([item.file])
  }

  dismiss(item: UploadItem): void {
    this.items = this.items.filter((other) => other !== item)
  }

  clearEnded(): void {
    this.items = this.items.filter((item) => !item.ended)
  }

  async cancel(item: UploadItem): Promise<void> {
    await item.handle?.cancel().catch(complain)
    this.dismiss(item)
  }

  /** Asks which uploads an earlier visit left behind. */
  async findUnfinished(): Promise<void> {
    try {
      const { items } = await api.uploads.list.query({ mine: true })
      this.unfinished = items.map((state) => ({
        id: state.id,
        fileName: state.fileName,
        size: state.size,
        share: arrivedShare(state),
      }))
    } catch {
      // Only an offer: uploads themselves say what is wrong.
      this.unfinished = []
    }
  }

  /** Another page or script may have gone on with one of them. */
  async dropFinished(): Promise<void> {
    if (this.unfinished.length === 0) return
    const page = await api.uploads.list.query({ mine: true }).catch(() => null)
    if (page) this.unfinished = this.unfinished.filter((one) => page.items.some(({ id }) => id === one.id))
  }

  async forget(id: string): Promise<void> {
    this.unfinished = this.unfinished.filter((one) => one.id !== id)
    await api.uploads.cancel.mutate({ id }).catch(complain)
  }

  async #send(item: UploadItem): Promise<void> {
    try {
      const [queue, { optionsFor }] = await Promise.all([this.#open(), import('./engine.ts')])
      item.handle = queue.add(optionsFor(item.file, (progress) => item.follow(progress)))
      this.unfinished = this.unfinished.filter((one) => one.fileName !== item.file.name || one.size !== item.file.size)
      this.#finish(item, await item.handle.done)
    } catch (error) {
      const stopped = error instanceof DOMException && error.name === 'AbortError'
      item.phase = stopped ? 'cancelled' : 'failed'
      item.error = error
    }
  }

  #finish(item: UploadItem, { duplicate, revision }: CompletedUpload): void {
    item.phase = 'done'
    item.duplicate = duplicate
    if (this.running.length > 0) return
    receipt(w().uploads.allDone(this.done.length), revision)
    setTimeout(() => this.#tidy(), tidyAfterMs)
  }

  /** Takes the tray away when all went well; what needs a look stays. */
  #tidy(): void {
    if (this.running.length === 0 && this.failed.length === 0) this.clearEnded()
  }

  #open(): Promise<UploadQueue> {
    this.#queue ??= import('./engine.ts').then(({ openQueue }) => openQueue(api.uploads))
    return this.#queue
  }
}

/** How much of an upload has arrived, from 0 to 1. */
export function arrivedShare(state: Pick<UploadState, 'arrived' | 'partCount'>): number {
  return state.partCount > 0 ? state.arrived.length / state.partCount : 0
}

/** Whether trying the same file again can help: a refused one stays refused. */
export function mayRetry(error: unknown): boolean {
  const { code, reason } = errorFacts(error)
  return !reason && code !== 'unsupported-media' && code !== 'too-large'
}

export const uploads = new Uploads()
