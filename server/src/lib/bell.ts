/** Wakes one waiter. Rings while nobody waits count as one; the end of any of the signals rings too. */
export function makeBell(...ends: readonly (AbortSignal | undefined)[]) {
  let rung = false
  let wake: (() => void) | null = null
  const ring = () => {
    rung = true
    wake?.()
  }
  for (const end of ends) end?.addEventListener('abort', ring, { once: true })
  return {
    ring,
    /** Whether one of the signals ended. */
    isOver: () => ends.some((end) => end?.aborted),
    async next(): Promise<void> {
      if (!rung && !ends.some((end) => end?.aborted)) await new Promise<void>((resolve) => (wake = resolve))
      rung = false
      wake = null
    },
    stop() {
      for (const end of ends) end?.removeEventListener('abort', ring)
    },
  }
}
