import { makePace } from './upload.pace.ts'
import type { UploadOptions, UploadPhase, UploadProgress } from './upload.types.ts'
import type { UploadState } from './uploads.ts'

const tellEveryMs = 100

/** Keeps the numbers and tells them, not more often than anybody can read. */
export function makeReport({ source, onProgress }: UploadOptions) {
  const pace = makePace()
  const onTheirWay = new Map<number, number>()
  let [state, error, told, resumed]: [UploadPhase, unknown, number, boolean] = ['waiting', null, 0, false]
  let [upload, arrived]: [UploadState | null, ReadonlySet<number>] = [null, new Set()]
  const sentBytes = () => {
    if (state === 'done') return source.size
    let sum = [...onTheirWay.values()].reduce((total, bytes) => total + bytes, 0)
    for (const part of arrived)
      sum += upload ? Math.min(upload.partSize, upload.size - (part - 1) * upload.partSize) : 0
    return Math.min(sum, source.size)
  }
  const progress = (): UploadProgress => {
    const sent = sentBytes()
    const rate = state === 'sending' ? pace.bytesPerSecond() : 0
    const secondsLeft = rate > 0 ? Math.ceil((source.size - sent) / rate) : null
    return { state, sentBytes: sent, totalBytes: source.size, bytesPerSecond: rate, secondsLeft, resumed, error }
  }
  const tell = () => {
    told = performance.now()
    onProgress?.(progress())
  }
  const set = (to: UploadPhase, why: unknown = null) => {
    if (state === to && error === why) return
    if (to !== 'sending') pace.reset()
    ;[state, error] = [to, why]
    tell()
  }
  return {
    progress,
    set,
    resumed() {
      resumed = true
    },
    begin(which: UploadState, there: ReadonlySet<number>) {
      ;[upload, arrived] = [which, there]
      onTheirWay.clear()
      set('sending')
    },
    note(part: number, bytes: number) {
      if (bytes === 0) onTheirWay.delete(part)
      else onTheirWay.set(part, bytes)
      if (state === 'retrying' && bytes > 0) set('sending')
      pace.note(sentBytes())
      if (state === 'sending' && performance.now() - told >= tellEveryMs) tell()
    },
  }
}
