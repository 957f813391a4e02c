import type { Manifest } from '@marquee/shared/manifest.ts'
import { diagnose, LayerView, PlayError } from './layer.ts'
import type { Event, Item, Layer, Slot } from './player.ts'
import { painted, sleep } from './waiting.ts'

/** A film that does not move for so long is stuck. */
const stallMs = 6_000
const watchMs = 1_000
const historyLength = 100

/**
 * Two layers, one on the glass and one behind it. The old one stays until the new one has presented a frame, so that
 * there is never anything between two items.
 */
export class Stage {
  readonly element = document.createElement('div')
  readonly layers = [new LayerView(), new LayerView()] as const
  transitions = 0
  /** The ads that were shown last, oldest first. */
  readonly history: string[] = []
  #shown: Slot | null = null
  /** The token of the last item that was sent to the glass. */
  #rising = 0
  #screenMuted = false
  #soundBlocked = false
  readonly #tell: (event: Event) => void
  readonly #onBlocked: () => void

  constructor(tell: (event: Event) => void, onBlocked: () => void) {
    this.#tell = tell
    this.#onBlocked = onBlocked
    this.element.className = 'stage'
    this.element.append(...this.layers.map((layer) => layer.element))
    for (const layer of this.layers) {
      layer.video.addEventListener('ended', () => this.#ended(layer))
      layer.video.addEventListener('error', () => void this.#broke(layer))
    }
    this.#watch()
  }

  get shown(): Slot | null {
    return this.#shown
  }

  async prepare({ token, layer, item }: Slot): Promise<void> {
    try {
      if (await this.layers[layer].load(item)) this.#tell({ kind: 'ready', token })
    } catch (error) {
      this.#tell({ kind: 'failed', token, reason: reasonOf(error) })
    }
  }

  async show(slot: Slot): Promise<void> {
    const view = this.layers[slot.layer]
    const other = this.layers[slot.layer === 0 ? 1 : 0]
    this.#rising = slot.token
    try {
      // A layer that is covered is not drawn and presents nothing; a trace of it on top is, and nobody sees it.
      view.element.dataset.place = 'rising'
      if ((await view.start(this.#loudness(view))) === 'blocked') this.#block()
      await painted()
      if (this.#rising !== slot.token) return
      if (other.element.dataset.place === 'front') other.element.dataset.place = 'leaving'
      view.element.dataset.place = 'front'
      this.#shown = slot
      await painted()
      other.rest()
      if (this.#rising !== slot.token) return
      other.element.dataset.place = 'back'
      this.transitions++
      this.history.push(slot.item.adId)
      if (this.history.length > historyLength) this.history.shift()
      this.#tell({ kind: 'shown', token: slot.token })
    } catch (error) {
      if (this.#rising !== slot.token) return
      view.element.dataset.place = 'back'
      this.#tell({ kind: 'failed', token: slot.token, reason: reasonOf(error) })
    }
  }

  clear(layer: Layer): void {
    // What was on its way up in it must not arrive.
    if (this.layers[layer].element.dataset.place === 'rising') this.#rising = 0
    this.layers[layer].clear()
    this.layers[layer].element.dataset.place = 'back'
    if (this.#shown?.layer === layer) this.#shown = null
  }

  arrange({ screen }: Manifest, items: readonly Item[]): void {
    this.element.dataset.turn = String(screen.orientation)
    this.#screenMuted = screen.muted
    for (const view of this.layers) {
      const item = items.find(({ id }) => id === view.item?.id)
      if (item) view.restyle(item)
      view.sound(this.#loudness(view))
    }
  }

  /** Somebody touched the screen, so the browser lets it sound. */
  unblock(): void {
    this.#soundBlocked = false
    for (const view of this.layers) view.sound(this.#loudness(view))
  }

  #block(): void {
    this.#soundBlocked = true
    this.#onBlocked()
  }

  #loudness(view: LayerView) {
    const onGlass = view.element.dataset.place !== 'back' && view.element.dataset.place !== undefined
    return { muted: this.#screenMuted || this.#soundBlocked || !onGlass, volume: view.item?.volume ?? 0 }
  }

  #ended(view: LayerView): void {
    const slot = this.#shown
    if (slot && this.layers[slot.layer] === view) this.#tell({ kind: 'ended', token: slot.token })
  }

  /** A film that breaks while it plays. One that breaks before is found by whoever loads or starts it. */
  async #broke(view: LayerView): Promise<void> {
    const slot = this.#shown
    if (!slot || this.layers[slot.layer] !== view) return
    this.#tell({ kind: 'failed', token: slot.token, reason: await diagnose(slot.item.url) })
  }

  /** Looks every second whether the film on the glass moves. */
  async #watch(): Promise<void> {
    let seen = { token: 0, at: 0, since: 0 }
    for (;;) {
      await sleep(watchMs)
      const slot = this.#shown
      const video = slot?.item.kind === 'film' ? this.layers[slot.layer].video : null
      // One that is shorter than its way to the glass ended before it was there.
      if (slot && video?.ended) this.#tell({ kind: 'ended', token: slot.token })
      // A page that nobody sees may be stopped by the browser; that is no fault of the film.
      if (!slot || !video || video.ended || document.hidden) {
        seen = { token: 0, at: 0, since: 0 }
        continue
      }
      const now = performance.now()
      if (seen.token !== slot.token || seen.at !== video.currentTime)
        seen = { token: slot.token, at: video.currentTime, since: now }
      else if (now - seen.since > stallMs) this.#giveUp(slot, video)
      if (video.paused) video.play().catch(() => {})
    }
  }

  #giveUp(slot: Slot, video: HTMLVideoElement): void {
    const nearlyOver = video.duration - video.currentTime < 0.5
    this.#tell(
      nearlyOver ? { kind: 'ended', token: slot.token } : { kind: 'failed', token: slot.token, reason: 'stalled' },
    )
  }
}

function reasonOf(error: unknown) {
  return error instanceof PlayError ? error.reason : 'not-playable'
}
