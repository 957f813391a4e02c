import type { Latency, Ratio, Summary } from './statistics.ts'

/** One line of the table. */
export type Row = {
  readonly what: string
  readonly unit: string
  readonly subject: Summary | Latency
  readonly beside?: { readonly name: string; readonly value: Summary | Latency }
  readonly ratio?: Ratio
  /** In words, with whether it was reached; a row without is told for information. */
  readonly must?: { readonly text: string; readonly met: boolean }
}

/** What a figure may use of the run. */
export type Bench = {
  /** Small sizes and two rounds: to see that the bench works, not to publish. */
  readonly quick: boolean
  /** Measured rounds, after one to warm up. */
  readonly rounds: number
  /** A folder of this figure, removed at its end. */
  readonly scratch: string
  say(text: string): void
}

export type Figure = {
  readonly name: string
  readonly title: string
  /** How it is measured, for the reader of the table. */
  readonly method: string
  run(bench: Bench): Promise<Row[]>
}

/** Numbers of one round of one subject. */
export type Sample = Readonly<Record<string, number>>
export type Series<N extends string> = Record<N, Sample[]>

/** One warm-up of each subject, then A B A B …; gives the samples of each in the order of the rounds. */
export async function interleave<N extends string>(
  { rounds, say }: Bench,
  subjects: Record<N, (round: number) => Promise<Sample>>,
): Promise<Series<N>> {
  // Entries of `subjects`, so its names and types.
  const entries = Object.entries(subjects) as [N, (round: number) => Promise<Sample>][]
  const series = Object.fromEntries(entries.map(([name]) => [name, []])) as unknown as Series<N>
  for (let round = 0; round <= rounds; round++) {
    for (const [name, run] of entries) {
      const sample = await run(round)
      say(`${round === 0 ? 'warm-up' : `round ${round}`} ${name}: ${inWords(sample)}`)
      if (round > 0) series[name].push(sample)
    }
  }
  return series
}

/** One measure out of samples. */
export function pick(samples: readonly Sample[], measure: string): number[] {
  return samples.map((sample) => sample[measure] ?? Number.NaN)
}

function inWords(sample: Sample): string {
  return Object.entries(sample)
    .map(([name, value]) => `${name} ${Math.round(value * 100) / 100}`)
    .join(', ')
}
