import type { Approval } from '@marquee/shared/approvals.ts'
import { api } from '../api.ts'
import { live } from '../live/live.svelte.ts'
import { complain } from '../screens/receipts.ts'

/** How often what is over is looked for; the page shows minutes. */
const tickMs = 5_000

/** What agents ask for, newest first: those that wait, and the last day's. One list for the banner and the page. */
class Approvals {
  items = $state.raw<readonly Approval[] | null>(null)
  error = $state.raw<unknown>(null)
  now = $state(Date.now())
  readonly waiting = $derived(
    this.items?.filter((item) => item.state === 'waiting' && Date.parse(item.expiresAt) > this.now) ?? [],
  )
  readonly past = $derived(this.items?.filter((item) => !this.waiting.includes(item)) ?? [])
  #stop: (() => void) | null = null

  start(): void {
    if (this.#stop) return
    const unwatch = live.watch(['approvals.changed'], () => void this.load())
    const timer = setInterval(() => {
      this.now = Date.now()
    }, tickMs)
    this.#stop = () => {
      unwatch()
      clearInterval(timer)
    }
    void this.load()
  }

  stop(): void {
    this.#stop?.()
    this.#stop = null
  }

  async load(): Promise<void> {
    try {
      this.items = (await api.approvals.list.query()).items
      this.now = Date.now()
      this.error = null
    } catch (error) {
      this.error = error
    }
  }

  async decide(approval: Approval, grant: boolean): Promise<void> {
    try {
      const decided = await api.approvals.decide.mutate({ id: approval.id, grant })
      this.items = this.items?.map((item) => (item.id === decided.id ? decided : item)) ?? null
    } catch (error) {
      complain(error)
      await this.load()
    }
  }
}

export const approvals = new Approvals()
