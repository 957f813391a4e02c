/**
 * What a screen plays next. Pure, so that the player and the panel's preview agree: time and chance come from outside.
 * All times are milliseconds since 1970.
 */

/** `live`: enabled and valid now. `off`: not enabled. `waiting`: valid later. `over`: valid no more. */
export const adStates = ['live', 'off', 'waiting', 'over'] as const
export type AdState = (typeof adStates)[number]

/** From `validFrom` on until just before `validUntil`; null is always. */
export type Validity = { readonly validFrom: number | null; readonly validUntil: number | null }

/** The one rule of what "on" means, for server, panel and player. */
export function stateAt(ad: Validity & { readonly enabled: boolean }, now: number): AdState {
  if (!ad.enabled) return 'off'
  if (ad.validFrom !== null && now < ad.validFrom) return 'waiting'
  if (ad.validUntil !== null && now >= ad.validUntil) return 'over'
  return 'live'
}

/** The same rule for what is in a manifest, where everything is enabled. */
export function isValidAt(item: Validity, now: number): boolean {
  return stateAt({ enabled: true, validFrom: item.validFrom, validUntil: item.validUntil }, now) === 'live'
}

/** The next instant at which an item begins or stops to be valid, or null if there is none. */
export function nextChangeAt(items: readonly Validity[], now: number): number | null {
  return earliest(items.flatMap((item) => [item.validFrom, item.validUntil]).filter((at) => at !== null && at > now))
}

/**
 * Why an item could not be played. `unreachable`: its bytes did not come. `not-playable`: they came, but are broken or
 * of a kind that this screen can't show. `too-slow`: they came too slowly to begin. `stalled`: it stopped in the middle.
 */
export const problemReasons = ['unreachable', 'not-playable', 'too-slow', 'stalled'] as const
export type ProblemReason = (typeof problemReasons)[number]

/** How often in a row an item failed, why, and when it may be tried again. */
export type Failure = { readonly count: number; readonly reason: ProblemReason; readonly retryAt: number }
export type Failures = Readonly<Record<string, Failure>>

const backOffMs = [10_000, 30_000, 60_000, 120_000, 300_000, 600_000]

/** The failures after one more of `id`: it waits longer each time, up to ten minutes. */
export function withFailure(
  failures: Failures,
  id: string,
  { reason, now }: { reason: ProblemReason; now: number },
): Failures {
  const count = (failures[id]?.count ?? 0) + 1
  const wait = backOffMs[Math.min(count, backOffMs.length) - 1] ?? 0
  return { ...failures, [id]: { count, reason, retryAt: now + wait } }
}

export function withoutFailures(failures: Failures, isGone: (id: string, failure: Failure) => boolean): Failures {
  return Object.fromEntries(Object.entries(failures).filter(([id, failure]) => !isGone(id, failure)))
}

/** When the first item in back-off may be tried again, or null if none waits. */
export function nextRetryAt(failures: Failures, now: number): number | null {
  return earliest(Object.values(failures).flatMap(({ retryAt }) => (retryAt > now ? [retryAt] : [])))
}

/** Something that can be played; `id` changes when its bytes do. */
export type Playable = Validity & { readonly id: string }

/** Where the loop is: what was tried last and its place in the order, and what this shuffled round had already. */
export type LoopPlace = {
  readonly lastId: string | null
  readonly lastIndex: number
  readonly round: readonly string[]
}
export const loopStart: LoopPlace = { lastId: null, lastIndex: -1, round: [] }

export type Loop<T extends Playable> = {
  readonly items: readonly T[]
  readonly shuffle: boolean
  readonly place: LoopPlace
  readonly failures: Failures
  /** What is on the screen now; shuffled, it is not played twice in a row unless it is alone. */
  readonly playing: string | null
}

/** Decides at `now`; `random` gives a number from 0 up to 1. Null when nothing is valid or everything waits after failures. */
export function pickNext<T extends Playable>(
  loop: Loop<T>,
  { now, random }: { now: number; random: () => number },
): { item: T; place: LoopPlace } | null {
  const eligible = loop.items.filter((item) => isValidAt(item, now) && (loop.failures[item.id]?.retryAt ?? 0) <= now)
  const [item, round] = loop.shuffle ? shuffled(loop, eligible, random) : [inOrder(loop, eligible), []]
  if (!item) return null
  return { item, place: { lastId: item.id, lastIndex: loop.items.indexOf(item), round: [...round, item.id] } }
}

function inOrder<T extends Playable>({ items, place }: Loop<T>, eligible: readonly T[]): T | undefined {
  const index = items.findIndex((item) => item.id === place.lastId)
  // When the last one was taken out, its successor has moved to its place.
  const from = index >= 0 ? index + 1 : Math.max(place.lastIndex, 0)
  return eligible.find((item) => items.indexOf(item) >= from) ?? eligible[0]
}

function shuffled<T extends Playable>(
  loop: Loop<T>,
  eligible: readonly T[],
  random: () => number,
): [T | undefined, readonly string[]] {
  const fresh = eligible.filter((item) => !loop.place.round.includes(item.id))
  const others = (list: readonly T[]) => list.filter((item) => item.id !== loop.playing)
  const round = others(fresh).length > 0 ? loop.place.round : []
  const choices = [others(fresh), others(eligible), eligible].find((list) => list.length > 0) ?? []
  return [choices[Math.floor(random() * choices.length)], round]
}

function earliest(instants: readonly (number | null)[]): number | null {
  return instants.reduce((first, at) => (first === null || (at !== null && at < first) ? at : first), null)
}
