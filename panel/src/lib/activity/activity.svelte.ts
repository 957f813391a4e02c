import type { ActivityEntry } from '@marquee/shared/activity.ts'
import { api } from '../api.ts'
import { live } from '../live/live.svelte.ts'

export type Subject = ActivityEntry['subject']['kind']

/** Who changed what, newest first, page by page. */
class Activity {
  items = $state.raw<readonly ActivityEntry[] | null>(null)
  subject = $state<Subject | ''>('')
  error = $state.raw<unknown>(null)
  busy = $state(false)
  #cursor = $state.raw<string | null>(null)
  readonly hasMore = $derived(this.#cursor !== null)
  #asked = 0

  start(): () => void {
    void this.load()
    // While the first page is shown, news appear by themselves; further down they would move what is read.
    return live.watch(
      [
        'ads.changed',
        'screens.changed',
        'members.changed',
        'keys.changed',
        'approvals.changed',
        'tenant.changed',
        'uploads.changed',
      ],
      () => {
        if ((this.items?.length ?? 0) <= 50) void this.load()
      },
    )
  }

  choose(subject: Subject | ''): void {
    this.subject = subject
    this.items = null
    void this.load()
  }

  async load(): Promise<void> {
    await this.#ask(null)
  }

  async more(): Promise<void> {
    if (this.#cursor && !this.busy) await this.#ask(this.#cursor)
  }

  async #ask(cursor: string | null): Promise<void> {
    const asked = ++this.#asked
    this.busy = true
    try {
      const page = await api.activity.list.query({
        limit: 50,
        ...(cursor && { cursor }),
        ...(this.subject && { subject: this.subject }),
      })
      if (asked !== this.#asked) return
      this.items = cursor ? [...(this.items ?? []), ...page.items] : page.items
      this.#cursor = page.nextCursor
      this.error = null
    } catch (error) {
      if (asked === this.#asked) this.error = error
    } finally {
      if (asked === this.#asked) this.busy = false
    }
  }
}

export const activity = new Activity()
