/** Small promises about time and paint. */

export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done)
    if (signal?.aborted) done()
  })
}

/** Resolves when what was done before is on the glass. A hidden page paints nothing, so it does not wait for ever. */
export async function painted(): Promise<void> {
  await Promise.race([frames(2), sleep(200)])
}

/** Waits longer after each failure in a row, and never in step with other screens: 1, 2, 4 … 30 seconds. */
export function backOff(attempt: number): number {
  return Math.min(30_000, 1000 * 2 ** Math.min(attempt, 5)) * (0.75 + Math.random() / 2)
}

async function frames(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await new Promise((resolve) => requestAnimationFrame(resolve))
}
