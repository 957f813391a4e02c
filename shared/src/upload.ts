import { makeControl } from './upload.control.ts'
import { findUnfinished, fingerprint } from './upload.fingerprint.ts'
import { sendParts } from './upload.parts.ts'
import { makeReport } from './upload.report.ts'
import { withRetry } from './upload.retry.ts'
import { codeOf } from './upload.send.ts'
import type {
  UploadHandle,
  UploadOptions,
  UploadPhase,
  UploadProgress,
  UploadQueue,
  UploadsApi,
} from './upload.types.ts'
import { type CompletedUpload, cleanFileName, type UploadState } from './uploads.ts'

export type * from './upload.types.ts'

/** How often an upload that the server forgot, or found incomplete, is begun or filled up again. */
const maxRestarts = 3

/**
 * Sends one file in parts, in a browser, Node or Deno. It goes on by itself after a lost network or a restart of the
 * server, and (by the file's fingerprint) with an upload that was begun before, without sending again what has arrived.
 */
export function uploadFile(options: UploadOptions): UploadHandle {
  return startUpload(options, Promise.resolve())
}

/** Sends files one after another. One that is paused lets the next one go first. */
export function uploadQueue(api: UploadsApi): UploadQueue {
  const handles: UploadHandle[] = []
  let turn: Promise<void> = Promise.resolve()
  const unfinished = () => handles.filter((handle) => !isOver(handle.progress.state))
  return {
    handles,
    get busy() {
      return unfinished().length > 0
    },
    add(options) {
      let leave = () => {}
      const before = turn
      turn = new Promise<void>((resolve) => {
        leave = resolve
      })
      const onProgress = (progress: UploadProgress) => {
        if (progress.state === 'paused') leave()
        options.onProgress?.(progress)
      }
      const handle = startUpload({ ...options, api, onProgress }, before)
      handle.done.then(leave, leave)
      handles.push(handle)
      return handle
    },
    pause() {
      for (const handle of unfinished()) handle.pause()
    },
    resume() {
      for (const handle of unfinished()) handle.resume()
    },
    cancel: async () => void (await Promise.all(unfinished().map((handle) => handle.cancel()))),
  }
}

function isOver(state: UploadPhase): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled'
}

function startUpload(options: UploadOptions, turn: Promise<void>): UploadHandle {
  const report = makeReport(options)
  const control = makeControl()
  options.signal?.addEventListener('abort', () => void handle.cancel(), { once: true })
  const task: Task = { options, report, upload: null, judged: false }
  const run = async () => {
    await Promise.race([turn, control.cancelled])
    for (let restarts = 0; ; ) {
      const signal = await control.going()
      try {
        return await attempt(task, signal)
      } catch (error) {
        if (control.isPaused() || signal.aborted) continue
        if (!isStale(error) || ++restarts > maxRestarts) throw error
        if (codeOf(error) !== 'parts-missing') task.upload = null
      }
    }
  }
  const done = run()
  done.then(
    () => report.set('done'),
    (error) => report.set(control.isCancelled() ? 'cancelled' : 'failed', error),
  )
  const handle: UploadHandle = {
    get progress() {
      return report.progress()
    },
    done,
    pause() {
      if (isOver(report.progress().state)) return
      control.pause()
      report.set('paused')
    },
    resume() {
      if (report.progress().state !== 'paused') return
      report.set('waiting')
      control.resume()
    },
    async cancel() {
      if (isOver(report.progress().state)) return
      control.cancel()
      await done.catch(() => {})
      // Complete or swept meanwhile, or out of reach: then the server's own sweep does it.
      if (task.upload) await options.api.cancel.mutate({ id: task.upload.id }).catch(() => {})
    },
  }
  if (options.signal?.aborted) void handle.cancel()
  return handle
}

type Report = ReturnType<typeof makeReport>
type Task = { readonly options: UploadOptions; readonly report: Report; upload: UploadState | null; judged: boolean }

/** The server forgot the upload, or lost parts of it: begin again where it stands. */
function isStale(error: unknown): boolean {
  const code = codeOf(error)
  return code === 'gone' || code === 'not-found' || code === 'parts-missing'
}

/** From where the upload stands to its end, unless the signal stops it. */
async function attempt(task: Task, signal: AbortSignal): Promise<CompletedUpload> {
  const { options, report } = task
  const { api, source, retryDelayMs = 500 } = options
  const onRetry = (error: unknown) => report.set('retrying', error)
  const retrying = { signal, firstDelayMs: retryDelayMs, onRetry }
  if (!task.judged) {
    report.set('checking')
    await options.judge?.(source, options.category ?? 'ads')
    task.judged = true
  }
  const upload = await withRetry(retrying, () => findOrCreate(task))
  task.upload = upload
  signal.throwIfAborted()
  const arrived = new Set(upload.arrived)
  report.begin(upload, arrived)
  const onBytes = (part: number, bytes: number) => report.note(part, bytes)
  await sendParts({ api, source, upload, arrived, signal, retryDelayMs, onBytes, onRetry, send: options.send })
  report.set('finishing')
  const completion = (await options.completion?.()) ?? {}
  signal.throwIfAborted()
  return withRetry(retrying, () => {
    report.set('finishing')
    return api.complete.mutate({ id: upload.id, ...completion })
  })
}

async function findOrCreate({ options, upload, report }: Task): Promise<UploadState> {
  const { api, source, category = 'ads' } = options
  if (upload) return api.get.query({ id: upload.id })
  const fileName = cleanFileName(options.fileName ?? source.name ?? 'untitled')
  const wanted = { fingerprint: await fingerprint(source, fileName), size: source.size, category }
  const found = await findUnfinished(api, wanted)
  if (found) report.resumed()
  return found ?? api.create.mutate({ fileName, ...wanted })
}
