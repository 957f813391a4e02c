import type { Bench } from './figure.ts'
import type { PacedAnswer, PacedInput, PacedTarget } from './load/paced.ts'
import { runLoad } from './programs.ts'
import { latencyOf } from './statistics.ts'

export type Paced = {
  readonly bench: Bench
  readonly targets: readonly PacedTarget[]
  readonly perSecond: number
  /** Of all targets together. */
  readonly perRound: number
}

/** A warm-up, then the rounds, in an open loop; gives all times of each target's name. */
export async function askPaced({ bench, targets, perSecond, perRound }: Paced): Promise<Map<string, number[]>> {
  const pooled = new Map<string, number[]>()
  for (let round = 0; round <= bench.rounds; round++) {
    const times = await runLoad<PacedInput, PacedAnswer>('paced', { targets, perSecond, count: perRound })
    if (round === 0) continue
    for (const [name, some] of Object.entries(times)) pooled.set(name, [...(pooled.get(name) ?? []), ...some])
  }
  for (const [name, times] of pooled) {
    const { p50, p95, p99, samples } = latencyOf(times)
    bench.say(`${name}: p50 ${p50.toFixed(2)}, p95 ${p95.toFixed(2)}, p99 ${p99.toFixed(2)} ms of ${samples}`)
  }
  return pooled
}
