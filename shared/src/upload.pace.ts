const windowMs = 5_000

/** How fast bytes go, over the last seconds. Bytes may go back, when a part has to be sent again. */
export function makePace(now: () => number = () => performance.now()) {
  let samples: { at: number; bytes: number }[] = []
  return {
    /** Told how many bytes have gone so far. */
    note(bytes: number): void {
      const at = now()
      const last = samples.at(-1)
      if (last && bytes < last.bytes) samples = []
      samples.push({ at, bytes })
      while (samples.length > 2 && at - (samples[0]?.at ?? at) > windowMs) samples.shift()
    },
    /** Forgets what was, after a pause. */
    reset(): void {
      samples = []
    },
    bytesPerSecond(): number {
      const [first, last] = [samples[0], samples.at(-1)]
      if (!first || !last || last.at === first.at) return 0
      return Math.max(0, Math.round(((last.bytes - first.bytes) * 1000) / (last.at - first.at)))
    },
  }
}
