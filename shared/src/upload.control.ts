/** Pause, resume and cancel as signals: each run until the next pause has its own. */
export function makeControl() {
  let [run, paused, isCancelled] = [new AbortController(), false, false]
  let goOn = () => {}
  let stop = (_: unknown) => {}
  let gate = Promise.resolve()
  const cancelled = new Promise<never>((_, reject) => {
    stop = reject
  })
  cancelled.catch(() => {})
  return {
    cancelled,
    isPaused: () => paused,
    isCancelled: () => isCancelled,
    /** The signal of the run that begins now, after a pause if there is one. */
    async going(): Promise<AbortSignal> {
      await Promise.race([gate, cancelled])
      if (isCancelled) await cancelled
      return run.signal
    },
    pause() {
      if (paused) return
      paused = true
      gate = new Promise((resolve) => {
        goOn = resolve
      })
      run.abort(new DOMException('Paused', 'AbortError'))
    },
    resume() {
      paused = false
      run = new AbortController()
      goOn()
    },
    cancel() {
      const reason = new DOMException('The upload was cancelled', 'AbortError')
      isCancelled = true
      stop(reason)
      run.abort(reason)
    },
  }
}
