/** A short note at the edge of the page. `lasts` in milliseconds; null stays until it is closed. */
export type Toast = {
  readonly id: number
  readonly tone: 'plain' | 'good' | 'bad'
  readonly text: string
  /** A second line that may change while the toast is there. */
  readonly note?: () => string | null
  readonly action?: { readonly label: (secondsLeft: number) => string; readonly run: () => void }
  readonly endsAt: number | null
}
type NewToast = Omit<Toast, 'id' | 'endsAt' | 'tone'> & { tone?: Toast['tone']; lasts?: number | null }

class Toasts {
  items = $state.raw<readonly Toast[]>([])
  #next = 1

  show({ lasts = 5_000, tone = 'plain', ...rest }: NewToast): number {
    const id = this.#next++
    this.items = [...this.items.slice(-2), { ...rest, tone, id, endsAt: lasts === null ? null : Date.now() + lasts }]
    if (lasts !== null) setTimeout(() => this.close(id), lasts)
    return id
  }

  close(id: number): void {
    this.items = this.items.filter((toast) => toast.id !== id)
  }
}

export const toasts = new Toasts()
