import type { Manifest, ManifestItem } from '@marquee/shared/manifest.ts'
import {
  type Failures,
  isValidAt,
  type LoopPlace,
  loopStart,
  nextChangeAt,
  nextRetryAt,
  type ProblemReason,
  pickNext,
  withFailure,
  withoutFailures,
} from '@marquee/shared/playback.ts'

/**
 * The player's machine: what is on the glass, what is made ready behind it, and what happens when something fails. Pure:
 * events go in with the time, effects come out. The stage does the effects and tells back by token, so that an answer
 * that comes too late is known and ignored.
 */

export type Layer = 0 | 1
/** An item in one of the two layers. `order`: it was told to be shown at once, by the order of this id. */
export type Slot = {
  readonly token: number
  readonly layer: Layer
  readonly item: Item
  readonly order: string | null
}
/** `id` names the bytes: a replaced file is another item, a renewed address is not. */
export type Item = ManifestItem & { readonly id: string }
/** An item to be shown once, at once, unless it can't begin before `until`. */
type Order = { readonly id: string; readonly item: Item; readonly until: number }

export type State = {
  readonly mode: 'starting' | 'pairing' | 'playing'
  readonly manifest: Manifest | null
  readonly items: readonly Item[]
  readonly place: LoopPlace
  readonly failures: Failures
  /** On the glass. `over`: switch as soon as the next one is ready; until then it stays. */
  readonly current: (Slot & { readonly since: number; readonly over: boolean }) | null
  /** Behind it: loading, then decoded, then on its way to the glass. */
  readonly next: (Slot & { readonly phase: 'loading' | 'ready' | 'showing'; readonly placeBefore: LoopPlace }) | null
  /** What has to be shown at once and was not yet. */
  readonly order: Order | null
  /** The order that was done last, so that it is not done again. */
  readonly done: string | null
  readonly tokens: number
}

export type Event =
  | { readonly kind: 'manifest'; readonly manifest: Manifest }
  | { readonly kind: 'unpaired' }
  | { readonly kind: 'ready' | 'shown' | 'ended'; readonly token: number }
  | { readonly kind: 'failed'; readonly token: number; readonly reason: ProblemReason }
  | { readonly kind: 'time' | 'online' }

export type Effect =
  | { readonly kind: 'prepare' | 'show'; readonly slot: Slot }
  | { readonly kind: 'clear'; readonly layer: Layer }
  /** Rotation, sound and fit of what is on may have changed. */
  | { readonly kind: 'arrange'; readonly manifest: Manifest; readonly items: readonly Item[] }
  | {
      readonly kind: 'report'
      readonly problem?: { readonly adId: string; readonly reason: ProblemReason }
      /** What has just begun. */
      readonly began?: { readonly adId: string; readonly at: number }
    }
  /** An order is done, for good. */
  | { readonly kind: 'done'; readonly order: string }

export type Surroundings = { readonly now: number; readonly random: () => number }
type Step = { readonly state: State; readonly effects: readonly Effect[] }

export const initial: State = {
  mode: 'starting',
  manifest: null,
  items: [],
  place: loopStart,
  failures: {},
  current: null,
  next: null,
  order: null,
  done: null,
  tokens: 0,
}

export function step(state: State, event: Event, around: Surroundings): Step {
  if (event.kind === 'unpaired') return forget(state)
  const changed = apply(state, event, around)
  return changed ? settle(changed, around) : { state, effects: [] }
}

/** What lies over the stage: nothing while something plays. */
export function pageOf(state: State): 'none' | 'starting' | 'pairing' | 'empty' | 'failing' {
  if (state.mode === 'pairing') return 'pairing'
  if (state.current) return 'none'
  if (state.mode === 'starting') return 'starting'
  if (state.next) return Object.keys(state.failures).length > 0 ? 'failing' : 'starting'
  return Object.keys(state.failures).length > 0 ? 'failing' : 'empty'
}

/** When the machine wants a `time` event, or null. */
export function wakeAt(state: State, now: number): number | null {
  const orderEnd = state.order && state.order.until > now ? state.order.until : null
  const instants = [pictureEnd(state), orderEnd, nextChangeAt(state.items, now), nextRetryAt(state.failures, now)]
  const known = instants.flatMap((at) => (at === null ? [] : [at]))
  return known.length > 0 ? Math.min(...known) : null
}

function forget(state: State): Step {
  const effects: Effect[] = [
    { kind: 'clear', layer: 0 },
    { kind: 'clear', layer: 1 },
  ]
  return { state: { ...initial, mode: 'pairing', done: state.done, tokens: state.tokens }, effects }
}

function apply(state: State, event: Exclude<Event, { kind: 'unpaired' }>, around: Surroundings): Step | null {
  switch (event.kind) {
    case 'manifest':
      return adopt(state, event.manifest)
    case 'ready':
      return state.next?.token === event.token
        ? { state: { ...state, next: { ...state.next, phase: 'ready' } }, effects: [] }
        : null
    case 'shown':
      return shown(state, event.token, around.now)
    case 'ended':
      return state.current?.token === event.token ? { state: over(state), effects: [] } : null
    case 'failed':
      return failed(state, event, around.now)
    case 'time':
      return { state: (pictureEnd(state) ?? Infinity) <= around.now ? over(state) : state, effects: [] }
    case 'online':
      return {
        state: { ...state, failures: withoutFailures(state.failures, (_, { reason }) => reason !== 'not-playable') },
        effects: [],
      }
  }
}

function adopt(state: State, manifest: Manifest): Step {
  const items = manifest.items.map(identified)
  const told = manifest.now && manifest.now.id !== state.done ? manifest.now : null
  const order = told && { ...told, item: identified(told.item) }
  const failures = withoutFailures(state.failures, (id) => !items.some((item) => item.id === id))
  const renewed = <T extends Slot>(slot: T | null): T | null =>
    slot && { ...slot, item: items.find((item) => item.id === slot.item.id) ?? slot.item }
  return {
    state: {
      ...state,
      mode: 'playing',
      manifest,
      items,
      failures,
      order,
      current: renewed(state.current),
      next: renewed(state.next),
    },
    effects: [{ kind: 'arrange', manifest, items: order ? [...items, order.item] : items }, { kind: 'report' }],
  }
}

function identified(item: ManifestItem): Item {
  return { ...item, id: `${item.adId}:${item.sha256}` }
}

function shown(state: State, token: number, now: number): Step | null {
  const { next } = state
  if (next?.token !== token) return null
  const { layer, item, order } = next
  const current = { token, layer, item, order, since: now, over: false }
  const report: Effect = { kind: 'report', began: { adId: item.adId, at: Math.round(now) } }
  const { state: after, effects } = withDone({ ...state, current, next: null }, order)
  return { state: after, effects: [...effects, report] }
}

/** Shown or found to be broken: an order is never done a second time. */
function withDone(state: State, order: string | null): Step {
  if (order === null) return { state, effects: [] }
  const open = state.order?.id === order ? null : state.order
  return { state: { ...state, order: open, done: order }, effects: [{ kind: 'done', order }] }
}

/** The current item ran to its end, which also proves that it plays. */
function over(state: State): State {
  const { current } = state
  if (!current) return state
  return {
    ...state,
    current: { ...current, over: true },
    failures: withoutFailures(state.failures, (id) => id === current.item.id),
  }
}

function failed(state: State, { token, reason }: { token: number; reason: ProblemReason }, now: number): Step | null {
  const slot = [state.current, state.next].find((one) => one?.token === token)
  // One that is over only waits to be replaced, and was judged already.
  if (!slot || (slot.token === state.current?.token && state.current.over)) return null
  const inLoop = state.items.some(({ id }) => id === slot.item.id)
  const failures = inLoop ? withFailure(state.failures, slot.item.id, { reason, now }) : state.failures
  const report: Effect = { kind: 'report', problem: { adId: slot.item.adId, reason } }
  if (slot.token === state.current?.token)
    return { state: { ...state, failures, current: { ...state.current, over: true } }, effects: [report] }
  const { state: after, effects } = withDone({ ...state, failures, next: null }, slot.order)
  return { state: after, effects: [...effects, { kind: 'clear', layer: slot.layer }, report] }
}

/** Brings current and next in line with what may be shown now. */
function settle({ state: before, effects }: Step, around: Surroundings): Step {
  if (before.mode !== 'playing') return { state: before, effects }
  const out = [...effects]
  const order = before.order && around.now < before.order.until ? before.order : null
  let state: State = before
  if (state.current && !mayStay(state, state.current, around.now))
    state = { ...state, current: { ...state.current, over: true } }
  // One that is on its way to the glass can't be called back; it is judged again when it is there.
  if (state.next && state.next.phase !== 'showing' && !mayCome(state, state.next, { order, now: around.now })) {
    out.push({ kind: 'clear', layer: state.next.layer })
    // An order came in between: what it drives out is not skipped, but comes after it.
    state = { ...state, next: null, place: order ? state.next.placeBefore : state.place }
  }
  if (!state.next) state = order ? prepareOrder(state, out, order) : prepareNext(state, out, around)
  if (state.next?.phase === 'ready' && (state.next.order !== null || (state.current?.over ?? true))) {
    out.push({ kind: 'show', slot: state.next })
    state = { ...state, next: { ...state.next, phase: 'showing' } }
  }
  return { state, effects: out }
}

function mayStay({ items }: State, { item: { id }, order }: Slot, now: number): boolean {
  return order !== null || items.some((item) => item.id === id && isValidAt(item, now))
}

function mayCome(state: State, slot: Slot, { order, now }: { order: Order | null; now: number }): boolean {
  if (order || slot.order !== null) return slot.order === order?.id
  return mayStay(state, slot, now) && (state.failures[slot.item.id]?.retryAt ?? 0) <= now
}

function prepareOrder(state: State, out: Effect[], { id, item }: Order): State {
  return prepare(state, out, { item, order: id, place: state.place })
}

type Coming = { readonly item: Item; readonly order: string | null; readonly place: LoopPlace }

/** Into the layer behind the one on the glass. */
function prepare(state: State, out: Effect[], { item, order, place }: Coming): State {
  const layer: Layer = state.current?.layer === 0 ? 1 : 0
  const slot: Slot = { token: state.tokens + 1, layer, item, order }
  out.push({ kind: 'prepare', slot })
  const next = { ...slot, phase: 'loading', placeBefore: state.place } as const
  return { ...state, place, tokens: slot.token, next }
}

function prepareNext(state: State, out: Effect[], around: Surroundings): State {
  const picked = pickNext(
    { ...state, shuffle: state.manifest?.screen.shuffle ?? false, playing: state.current?.item.id ?? null },
    around,
  )
  if (picked) return prepare(state, out, { ...picked, order: null })
  if (!state.current?.over) return state
  out.push({ kind: 'clear', layer: state.current.layer }, { kind: 'report' })
  return { ...state, current: null }
}

function pictureEnd({ current }: State): number | null {
  return current && !current.over && current.item.kind === 'picture' ? current.since + current.item.durationMs : null
}
