import type { Ad, AdState } from '@marquee/shared/ads.ts'
import { SvelteSet } from 'svelte/reactivity'
import { api } from '../api.ts'
import { live } from '../live/live.svelte.ts'

export type AdFilter = { search: string; tag: string; state: AdState | ''; kind: 'film' | 'picture' | '' }
export type AdPage = { items: Ad[]; nextCursor: string | null }
/** Where pages come from; the typed client fits. */
export type AdSource = (input: Record<string, unknown>) => Promise<AdPage>

const pageSize = 48
const largestPage = 200
const typingMs = 250
export const noFilter: AdFilter = { search: '', tag: '', state: '', kind: '' }

/** The list of ads that fit a filter, page by page, and which of them are selected. */
export class AdList {
  items = $state.raw<readonly Ad[] | null>(null)
  tags = $state.raw<readonly { tag: string; count: number }[]>([])
  filter = $state<AdFilter>({ ...noFilter })
  error = $state.raw<unknown>(null)
  loadingMore = $state(false)
  readonly selected = new SvelteSet<string>()
  #cursor = $state.raw<string | null>(null)
  readonly hasMore = $derived(this.#cursor !== null)
  readonly filtered = $derived(Object.values(this.filter).some((value) => value !== ''))
  #source: AdSource
  /** Only the newest question may answer. */
  #asked = 0
  #typing: ReturnType<typeof setTimeout> | null = null

  constructor(source: AdSource) {
    this.#source = source
  }

  /** Loads and keeps itself fresh; gives the function that ends it. */
  start(): () => void {
    void this.reload()
    void this.loadTags()
    const stop = live.watch(['ads.changed'], () => {
      void this.refresh()
      void this.loadTags()
    })
    return () => {
      if (this.#typing) clearTimeout(this.#typing)
      stop()
    }
  }

  setFilter(next: Partial<AdFilter>): void {
    Object.assign(this.filter, next)
    if (this.#typing) clearTimeout(this.#typing)
    this.#typing = setTimeout(() => void this.reload(), 'search' in next ? typingMs : 0)
  }

  clearFilter(): void {
    this.setFilter({ ...noFilter })
  }

  /** The first page, anew. */
  async reload(): Promise<void> {
    await this.#load(pageSize)
  }

  /** As many ads as are shown now, anew. */
  async refresh(): Promise<void> {
    await this.#load(Math.max(pageSize, this.items?.length ?? 0))
  }

  async #load(count: number): Promise<void> {
    const asked = ++this.#asked
    try {
      const found: Ad[] = []
      let cursor: string | null = null
      do {
        const page: AdPage = await this.#source(this.#input(Math.min(largestPage, count - found.length), cursor))
        found.push(...page.items)
        cursor = page.nextCursor
      } while (cursor !== null && found.length < count)
      if (asked !== this.#asked) return
      this.items = found
      this.#cursor = cursor
      this.error = null
      this.#forgetGone()
    } catch (error) {
      if (asked === this.#asked) this.error = error
    }
  }

  async more(): Promise<void> {
    if (this.#cursor === null || this.loadingMore || !this.items) return
    const asked = this.#asked
    this.loadingMore = true
    try {
      const page = await this.#source(this.#input(pageSize, this.#cursor))
      if (asked !== this.#asked) return
      const known = new Set(this.items.map((ad) => ad.id))
      this.items = [...this.items, ...page.items.filter((ad) => !known.has(ad.id))]
      this.#cursor = page.nextCursor
    } catch (error) {
      if (asked === this.#asked) this.error = error
    } finally {
      this.loadingMore = false
    }
  }

  async loadTags(): Promise<void> {
    // Without the list of tags, the page still works.
    this.tags = await api.ads.tags.query().then(
      ({ tags }) => tags,
      () => this.tags,
    )
  }

  /** Puts answers of the server in the place of what is shown. */
  take(ads: readonly Ad[]): void {
    const byId = new Map(ads.map((ad) => [ad.id, ad]))
    this.items = this.items?.map((ad) => byId.get(ad.id) ?? ad) ?? null
  }

  drop(ids: readonly string[]): void {
    this.items = this.items?.filter((ad) => !ids.includes(ad.id)) ?? null
    this.#forgetGone()
  }

  toggle(id: string): void {
    if (!this.selected.delete(id)) this.selected.add(id)
  }

  selectAll(): void {
    for (const ad of this.items ?? []) this.selected.add(ad.id)
  }

  #forgetGone(): void {
    const shown = new Set(this.items?.map((ad) => ad.id))
    for (const id of this.selected) if (!shown.has(id)) this.selected.delete(id)
  }

  #input(limit: number, cursor: string | null): Record<string, unknown> {
    const { search, tag, state, kind } = this.filter
    return {
      limit,
      ...(cursor && { cursor }),
      ...(search.trim() && { search: search.trim() }),
      ...(tag && { tag }),
      ...(state && { state }),
      ...(kind && { kind }),
    }
  }
}

export const ads = new AdList((input) => api.ads.list.query(input))
