import type { Change } from '@marquee/shared/live.ts'
import { api } from '../api.ts'

type Watcher = { kinds: readonly string[]; tell: () => void; timer: ReturnType<typeof setTimeout> | null }

/** Many changes within this time make one reload. */
const gatherMs = 150
/** A short break is not worth a banner. */
const bannerAfterMs = 2_500

/**
 * The one subscription of the page. It says which lists are stale, never what changed in them; the lists load themselves
 * again. What it doesn't know (`reset`, `hello`, kinds of a newer server) makes everything stale.
 */
class Live {
  state = $state<'off' | 'connecting' | 'on' | 'lost'>('off')
  #watchers = new Set<Watcher>()
  #subscription: { unsubscribe(): void } | null = null
  #lostTimer: ReturnType<typeof setTimeout> | null = null
  #again: ReturnType<typeof setTimeout> | null = null
  #wasLost = false

  start(): void {
    if (this.#subscription) return
    this.state = 'connecting'
    this.#subscription = api.live.changes.subscribe(
      {},
      {
        onStarted: () => this.#connected(),
        onData: ({ data }) => this.#hear(data),
        onConnectionStateChange: ({ state }) => (state === 'pending' ? this.#connected() : this.#lost()),
        onError: () => this.#startAgain(),
        onComplete: () => this.#startAgain(),
      },
    )
  }

  stop(): void {
    if (this.#again) clearTimeout(this.#again)
    if (this.#lostTimer) clearTimeout(this.#lostTimer)
    this.#again = this.#lostTimer = null
    this.#subscription?.unsubscribe()
    this.#subscription = null
    this.state = 'off'
  }

  /** Calls `tell` soon after a change of one of these kinds. Gives the function that ends it. */
  watch(kinds: readonly Change['kind'][], tell: () => void): () => void {
    const watcher: Watcher = { kinds, tell, timer: null }
    this.#watchers.add(watcher)
    return () => {
      if (watcher.timer) clearTimeout(watcher.timer)
      this.#watchers.delete(watcher)
    }
  }

  #hear(change: { kind: string }): void {
    if (change.kind === 'hello') return
    const known = [...this.#watchers].filter(
      (watcher) => change.kind === 'reset' || watcher.kinds.includes(change.kind),
    )
    for (const watcher of known) this.#tellSoon(watcher)
  }

  #tellSoon(watcher: Watcher): void {
    watcher.timer ??= setTimeout(() => {
      watcher.timer = null
      watcher.tell()
    }, gatherMs)
  }

  #connected(): void {
    if (this.#lostTimer) clearTimeout(this.#lostTimer)
    this.#lostTimer = null
    if (this.#wasLost) for (const watcher of this.#watchers) this.#tellSoon(watcher)
    this.#wasLost = false
    this.state = 'on'
  }

  #lost(): void {
    if (this.state !== 'on' && this.state !== 'connecting') return
    this.#lostTimer ??= setTimeout(() => {
      this.state = 'lost'
      this.#wasLost = true
    }, bannerAfterMs)
  }

  #startAgain(): void {
    // A subscription that ends may have lost its access; whoever watches that looks.
    this.#hear({ kind: 'access.changed' })
    this.#subscription = null
    this.#lost()
    this.#again ??= setTimeout(() => {
      this.#again = null
      const before = this.state
      this.start()
      if (before === 'lost') this.state = 'lost'
    }, 3_000)
  }
}

export const live = new Live()
