/** What a handful of rounds says: never a mean, which one bad round would move. */
export type Summary = { readonly median: number; readonly min: number; readonly max: number; readonly count: number }
/** Of two medians. Noisy: some round's own ratio lies more than a quarter away from it. */
export type Ratio = { readonly value: number; readonly min: number; readonly max: number; readonly noisy: boolean }
export type Latency = {
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
  readonly samples: number
}

const noisyFrom = 0.25

export function summarize(values: readonly number[]): Summary {
  const sorted = ascending(values)
  return {
    median: quantile(sorted, 0.5),
    min: sorted[0] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN,
    count: sorted.length,
  }
}

/** `subject` and `beside` are of the same rounds in the same order. */
export function ratioOf(subject: readonly number[], beside: readonly number[]): Ratio {
  const value = summarize(subject).median / summarize(beside).median
  const { min, max } = summarize(subject.map((one, at) => one / (beside[at] ?? Number.NaN)))
  return { value, min, max, noisy: min < value * (1 - noisyFrom) || max > value * (1 + noisyFrom) }
}

export function latencyOf(values: readonly number[]): Latency {
  const sorted = ascending(values)
  const at = (q: number) => quantile(sorted, q)
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: sorted.at(-1) ?? Number.NaN, samples: sorted.length }
}

function ascending(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b)
}

/** The nearest rank; of an even number the middle of the two for a median. */
function quantile(sorted: readonly number[], q: number): number {
  if (q === 0.5 && sorted.length % 2 === 0 && sorted.length > 0)
    return ((sorted[sorted.length / 2 - 1] ?? 0) + (sorted[sorted.length / 2] ?? 0)) / 2
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN
}
