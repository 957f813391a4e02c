/** Wakes one waiter. Rings while nobody waits count as one; the end of the signal rings too. */
export function makeBell(signal: AbortSignal) {
  let rung = false
  let wake: (() => void) | null = null
  const ring = () => {
    rung = true
    wake?.()
  }
  signal.addEventListener('abort', ring, { once: true })
  return {
    ring,
    async next(): Promise<void> {
      if (!rung && !signal.aborted) await new Promise<void>((resolve) => (wake = resolve))
      rung = false
      wake = null
    },
    stop: () => signal.removeEventListener('abort', ring),
  }
}
