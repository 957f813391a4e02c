import type { ProblemReason } from '@marquee/shared/playback.ts'
import type { Item } from './player.ts'
import { sleep } from './waiting.ts'

/** Why a layer could not do what it was asked. */
export class PlayError extends Error {
  readonly reason: ProblemReason
  constructor(reason: ProblemReason) {
    super(reason)
    this.reason = reason
  }
}

export type Loudness = { readonly muted: boolean; readonly volume: number }

/** Nothing came for so long: give the item up. */
const silenceMs = 15_000
const longestLoadMs = 60_000
const firstFrameMs = 10_000

/**
 * One of the two layers of the stage: a film element and a picture element, used again and again. An item that it has
 * already is only rewound, so a loop of one or two items needs no network at all.
 */
export class LayerView {
  readonly element = document.createElement('div')
  readonly video = document.createElement('video')
  readonly image = document.createElement('img')
  item: Item | null = null
  #operation = new AbortController()

  constructor() {
    this.video.playsInline = true
    this.video.preload = 'auto'
    this.video.disablePictureInPicture = true
    this.image.decoding = 'sync'
    this.image.alt = ''
    this.element.append(this.video, this.image)
    this.element.className = 'layer'
  }

  /** Resolves when the first frame is decoded; false when another operation took its place. */
  async load(item: Item): Promise<boolean> {
    const signal = this.#begin()
    if (this.item?.id !== item.id || this.video.error) this.#empty()
    const known = this.item !== null
    this.item = item
    this.restyle(item)
    this.element.dataset.kind = item.kind
    try {
      await (item.kind === 'film' ? this.#loadFilm(item, known, signal) : this.#loadPicture(item, known, signal))
    } catch (error) {
      if (signal.aborted) return false
      this.#empty()
      throw error instanceof PlayError && error.reason !== 'not-playable'
        ? error
        : new PlayError(await diagnose(item.url))
    }
    return !signal.aborted
  }

  /** Starts a loaded item; resolves when a frame of it was presented. `blocked` says that it had to start without sound. */
  async start(loudness: Loudness): Promise<'started' | 'blocked'> {
    if (this.item?.kind !== 'film') return 'started'
    this.sound(loudness)
    const presented = this.#nextFrame()
    const blocked = await this.#play()
    // A hidden page presents no frames.
    const outcome = await Promise.race([presented, sleep(document.hidden ? 500 : firstFrameMs)])
    if (outcome !== 'frame' && !document.hidden) throw new PlayError('stalled')
    return blocked ? 'blocked' : 'started'
  }

  sound({ muted, volume }: Loudness): void {
    this.video.muted = muted || volume === 0
    this.video.volume = Math.min(1, Math.max(0, volume / 100))
  }

  restyle(item: Item): void {
    this.item = item
    this.element.dataset.fit = item.fit
  }

  /** Keeps what it has, in case it comes again. */
  rest(): void {
    this.video.pause()
  }

  clear(): void {
    this.#begin()
    this.#empty()
  }

  #begin(): AbortSignal {
    this.#operation.abort()
    this.#operation = new AbortController()
    return this.#operation.signal
  }

  /** An element lets go of its decoder and buffers only so. */
  #empty(): void {
    this.item = null
    if (this.video.hasAttribute('src')) {
      this.video.pause()
      this.video.removeAttribute('src')
      this.video.load()
    }
    this.image.removeAttribute('src')
  }

  async #loadFilm(item: Item, known: boolean, signal: AbortSignal): Promise<void> {
    const { video } = this
    video.muted = true
    if (known) video.currentTime = 0
    else video.src = item.url
    await untilReady(video, signal)
  }

  async #loadPicture(item: Item, known: boolean, signal: AbortSignal): Promise<void> {
    if (!known) this.image.src = item.url
    const decoded = this.image.decode().then(
      () => 'decoded',
      () => {
        throw new PlayError('not-playable')
      },
    )
    if ((await Promise.race([decoded, sleep(longestLoadMs, signal)])) !== 'decoded') throw new PlayError('too-slow')
  }

  /** True when sound was not allowed and it plays without. */
  async #play(): Promise<boolean> {
    const failure = await this.video.play().then(() => null, nameOf)
    if (failure !== 'NotAllowedError' || this.video.muted) {
      if (failure !== null && failure !== 'AbortError') throw new PlayError('not-playable')
      return false
    }
    this.video.muted = true
    if ((await this.video.play().then(() => null, nameOf)) !== null) throw new PlayError('not-playable')
    return true
  }

  #nextFrame(): Promise<'frame'> {
    const { video } = this
    return new Promise((resolve) => {
      if ('requestVideoFrameCallback' in video) video.requestVideoFrameCallback(() => resolve('frame'))
      else (video as HTMLVideoElement).addEventListener('timeupdate', () => resolve('frame'), { once: true })
    })
  }
}

/** Until the film could go on from here, as long as bytes keep coming. */
function untilReady(video: HTMLVideoElement, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const begun = performance.now()
    let heard = begun
    const look = () => {
      const now = performance.now()
      if (video.error) end(() => reject(new PlayError('not-playable')))
      else if (signal.aborted || (video.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA && !video.seeking)) end(resolve)
      else if (now - heard > silenceMs || now - begun > longestLoadMs) end(() => reject(new PlayError('too-slow')))
    }
    const hear = () => {
      heard = performance.now()
      look()
    }
    const timer = setInterval(look, 500)
    const events = ['progress', 'loadeddata', 'canplay', 'seeked', 'error']
    const end = (then: () => void) => {
      clearInterval(timer)
      for (const name of events) video.removeEventListener(name, hear)
      then()
    }
    for (const name of events) video.addEventListener(name, hear)
    signal.addEventListener('abort', look)
    look()
  })
}

/** The elements do not tell a lost network from a broken file, so ask for the file itself. */
export async function diagnose(url: string): Promise<ProblemReason> {
  const aborting = new AbortController()
  const timer = setTimeout(() => aborting.abort(), 5_000)
  try {
    const response = await fetch(url, { method: 'HEAD', signal: aborting.signal })
    return response.ok ? 'not-playable' : 'unreachable'
  } catch {
    return 'unreachable'
  } finally {
    clearTimeout(timer)
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error || error instanceof DOMException ? error.name : 'Error'
}
