import type { Clock } from './clock.ts'
import type { Pages } from './pages.ts'
import { type Effect, type Event, initial, pageOf, type State, step, wakeAt } from './player.ts'
import { Stage } from './stage.ts'

type Told = Extract<Effect, { kind: 'report' }>
export type Problem = NonNullable<Told['problem']>
export type Began = NonNullable<Told['began']>
type Parts = {
  readonly clock: Clock
  readonly pages: Pages
  readonly onBlocked: () => void
  readonly report: (news: { readonly problem?: Problem; readonly began?: Began }) => void
  /** The order that was done before the page was loaded, and whom to tell of the next one. */
  readonly done: string | null
  readonly onDone: (order: string) => void
}

const longestTimerMs = 60 * 60_000

/** The machine with its stage: each event is one step, and its effects are done in order. */
export class Screen {
  state: State
  readonly stage: Stage
  readonly problems: string[] = []
  readonly #parts: Parts
  #timer = 0

  constructor(parts: Parts) {
    this.#parts = parts
    this.state = { ...initial, done: parts.done }
    this.stage = new Stage(this.send, parts.onBlocked)
    this.stage.element.append(parts.pages.element)
    parts.pages.show(pageOf(this.state))
  }

  readonly send = (event: Event): void => {
    const now = this.#parts.clock.now()
    const { state, effects } = step(this.state, event, { now, random: Math.random })
    this.state = state
    for (const effect of effects) this.#perform(effect)
    this.#parts.pages.show(pageOf(state))
    this.#wake(now)
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'prepare':
        void this.stage.prepare(effect.slot)
        break
      case 'show':
        void this.stage.show(effect.slot)
        break
      case 'clear':
        this.stage.clear(effect.layer)
        break
      case 'arrange':
        this.stage.arrange(effect.manifest, effect.items)
        break
      case 'report':
        if (effect.problem) this.problems.push(`${effect.problem.adId} ${effect.problem.reason}`)
        if (this.problems.length > 5) this.problems.shift()
        this.#parts.report(effect)
        break
      case 'done':
        this.#parts.onDone(effect.order)
    }
  }

  #wake(now: number): void {
    clearTimeout(this.#timer)
    const at = wakeAt(this.state, now)
    if (at === null) return
    // An early wake only looks and sleeps again; a late one would hold a picture too long.
    this.#timer = window.setTimeout(() => this.send({ kind: 'time' }), Math.min(longestTimerMs, Math.max(0, at - now)))
  }
}
