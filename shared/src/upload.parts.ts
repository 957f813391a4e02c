import { withRetry } from './upload.retry.ts'
import { codeOf, type PartBody, PartFailed, type SendPart, sendPart } from './upload.send.ts'
import type { UploadSource, UploadsApi } from './upload.types.ts'
import { partsAtOnce, type UploadState } from './uploads.ts'

/** Signed links are used for this long, by our own clock; the server's may differ. */
const linkUseMs = 10 * 60 * 1000
const linksAtOnce = 9

export type PartsJob = {
  readonly api: UploadsApi
  readonly source: UploadSource
  readonly upload: UploadState
  /** Parts that are there; grows. */
  readonly arrived: Set<number>
  readonly signal: AbortSignal
  readonly retryDelayMs: number
  /** Bytes of a part on its way; 0 when it starts anew. */
  readonly onBytes: (part: number, bytes: number) => void
  readonly onRetry: (error: unknown) => void
  readonly send?: SendPart | undefined
}

/** Sends every part that is not there yet, some at once. The first failure that no retry cures ends all. */
export async function sendParts(job: PartsJob): Promise<void> {
  const { upload, arrived, signal } = job
  const todo = Array.from({ length: upload.partCount }, (_, at) => at + 1).filter((part) => !arrived.has(part))
  const stop = new AbortController()
  const follow = () => stop.abort(signal.reason)
  signal.addEventListener('abort', follow, { once: true })
  if (signal.aborted) follow()
  const links = makeLinks(job.api, upload.id)
  const work = async () => {
    const sender: Sender = { ...job, signal: stop.signal, memory: null }
    for (let part = todo.shift(); part !== undefined; part = todo.shift()) {
      await sendOne(sender, part, (wanted) => links.get(wanted, todo))
    }
  }
  const workers = Array.from({ length: Math.min(partsAtOnce, todo.length) }, work)
  try {
    await Promise.all(workers)
  } catch (error) {
    stop.abort(error)
    await Promise.allSettled(workers)
    throw error
  } finally {
    signal.removeEventListener('abort', follow)
  }
}

/** One of those that send at once; it sends one part after another, from the same memory if the source can read into it. */
type Sender = PartsJob & { memory: Uint8Array<ArrayBuffer> | null }

/** One part, as often as it takes. After a lost connection the server is asked first: it may have got the part. */
async function sendOne(job: Sender, part: number, link: (part: number) => Promise<Link>): Promise<void> {
  const { upload, arrived, signal, onBytes, send = sendPart } = job
  let broken = false
  const retrying = { signal, firstDelayMs: job.retryDelayMs, onRetry: job.onRetry }
  await withRetry(retrying, async () => {
    if (broken && (await hasArrived(job, part))) return
    try {
      const body = await readPart(job, part)
      ensureUnchanged(body, upload, part)
      await sendLinked(
        () => link(part),
        (url) => send(url, body, { signal, onProgress: (bytes) => onBytes(part, bytes) }),
      )
    } catch (error) {
      // What was broken off may still be on its way out of it.
      job.memory = null
      onBytes(part, 0)
      broken = error instanceof PartFailed
      throw error
    }
  })
  arrived.add(part)
  onBytes(part, 0)
}

async function readPart(sender: Sender, part: number): Promise<PartBody> {
  const { source, upload } = sender
  const start = (part - 1) * upload.partSize
  const end = Math.min(start + upload.partSize, upload.size)
  if (!source.read) return source.slice(start, end)
  sender.memory ??= new Uint8Array(Math.min(upload.partSize, upload.size))
  const length = await source.read(sender.memory.subarray(0, end - start), start)
  return sender.memory.subarray(0, length)
}

async function hasArrived({ api, upload, arrived }: PartsJob, part: number): Promise<boolean> {
  const state = await api.get.query({ id: upload.id })
  for (const one of state.arrived) arrived.add(one)
  return arrived.has(part)
}

type Link = { readonly url: string; readonly drop: () => void }

/** A link that is over is asked for anew, once. */
async function sendLinked(link: () => Promise<Link>, send: (url: string) => Promise<void>): Promise<void> {
  const first = await link()
  try {
    return await send(first.url)
  } catch (error) {
    // Also after a lost connection: some servers and proxies cut it instead of answering.
    first.drop()
    const code = codeOf(error)
    if (code !== 'link-expired' && code !== 'bad-signature') throw error
  }
  await send((await link()).url)
}

/** Signed links of one upload, asked for some parts ahead. */
function makeLinks(api: UploadsApi, id: string) {
  const known = new Map<number, { url: string; signedAt: number }>()
  let asking: Promise<unknown> = Promise.resolve()
  const fresh = (part: number) => {
    const link = known.get(part)
    return link && Date.now() - link.signedAt < linkUseMs ? link : undefined
  }
  const ask = async (part: number, next: readonly number[]) => {
    const link = fresh(part)
    if (link) return link
    const wanted = [part, ...next.filter((one) => !fresh(one)).slice(0, linksAtOnce - 1)]
    const { parts } = await api.sign.mutate({ id, parts: wanted })
    for (const signed of parts) known.set(signed.part, { url: signed.url, signedAt: Date.now() })
    const signed = known.get(part)
    if (!signed) throw new Error(`The server signed no link for part ${part}`)
    return signed
  }
  return {
    async get(part: number, next: readonly number[]): Promise<Link> {
      const link = asking.then(() => ask(part, next))
      asking = link.catch(() => {})
      return { url: (await link).url, drop: () => known.delete(part) }
    },
  }
}

/** A file that was changed since it was chosen gives fewer bytes. */
function ensureUnchanged(body: PartBody, upload: UploadState, part: number): void {
  const length = Math.min(upload.partSize, upload.size - (part - 1) * upload.partSize)
  if ((body instanceof Blob ? body.size : body.byteLength) === length) return
  const error = new Error('The file was changed or moved while it was sent. Choose it again')
  error.name = 'SourceChanged'
  throw error
}
