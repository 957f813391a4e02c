import type { Screen } from '@marquee/shared/screens.ts'
import { api } from '../api.ts'
import { live } from '../live/live.svelte.ts'

/** The tenant's screens and how far they are; one list for the page, the receipts and the first steps. */
class Screens {
  items = $state.raw<readonly Screen[] | null>(null)
  revision = $state(0)
  error = $state.raw<unknown>(null)
  readonly online = $derived(this.items?.filter((screen) => screen.online).length ?? 0)
  #stop: (() => void) | null = null

  start(): void {
    this.#stop ??= live.watch(['screens.changed', 'screen.reported', 'ads.changed'], () => void this.load())
    void this.load()
  }

  stop(): void {
    this.#stop?.()
    this.#stop = null
  }

  async load(): Promise<void> {
    try {
      const { items, revision } = await api.screens.list.query()
      this.items = items
      this.revision = revision
      this.error = null
    } catch (error) {
      this.error = error
    }
  }

  /** Shows a change at once; the server's answer or the next load puts it right. */
  replace(screen: Screen): void {
    this.items = this.items?.map((item) => (item.id === screen.id ? screen : item)) ?? null
  }

  remove(id: string): void {
    this.items = this.items?.filter((item) => item.id !== id) ?? null
  }
}

export const screens = new Screens()

export type Progress = { done: number; all: number; away: number }

/** How many screens play this revision or a newer one, and how many of the rest are offline. */
export function progressOf(items: readonly Pick<Screen, 'revision' | 'online'>[], revision: number): Progress {
  const rest = items.filter((screen) => screen.revision < revision)
  return { done: items.length - rest.length, all: items.length, away: rest.filter((screen) => !screen.online).length }
}
