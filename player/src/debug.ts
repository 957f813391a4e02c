import type { Layer } from './player.ts'
import { pageOf } from './player.ts'
import type { Screen } from './screen.ts'

/** What tests and people at the screen look at; only with `?debug`. */
export type Probe = {
  readonly page: string
  readonly revision: number | null
  readonly adId: string | null
  readonly layer: Layer | null
  readonly transitions: number
  readonly history: readonly string[]
  readonly presentedFrames: number
  readonly droppedFrames: number
  readonly bufferSeconds: number
  readonly online: boolean
  readonly problems: readonly string[]
}
declare global {
  interface Window {
    marqueeProbe?: Probe
  }
}

export function showDebug(screen: Screen, isOnline: () => boolean): void {
  const overlay = document.createElement('pre')
  overlay.className = 'debug'
  document.body.append(overlay)
  let presented = 0
  for (const { video } of screen.stage.layers) {
    const count = () => {
      presented++
      video.requestVideoFrameCallback?.(count)
    }
    video.requestVideoFrameCallback?.(count)
  }
  const probe = () => measure(screen, presented, isOnline())
  Object.defineProperty(window, 'marqueeProbe', { get: probe })
  setInterval(() => {
    overlay.textContent = text(screen, probe())
  }, 500)
}

function measure({ state, stage, problems }: Screen, presentedFrames: number, online: boolean): Probe {
  const slot = stage.shown
  const video = slot?.item.kind === 'film' ? stage.layers[slot.layer].video : null
  const end = video && video.buffered.length > 0 ? video.buffered.end(video.buffered.length - 1) : 0
  const dropped = stage.layers.map((layer) => layer.video.getVideoPlaybackQuality().droppedVideoFrames)
  return {
    page: pageOf(state),
    revision: state.manifest?.revision ?? null,
    adId: slot?.item.adId ?? null,
    layer: slot?.layer ?? null,
    transitions: stage.transitions,
    history: [...stage.history],
    presentedFrames,
    droppedFrames: dropped.reduce((sum, one) => sum + one, 0),
    bufferSeconds: video ? Math.max(0, end - video.currentTime) : 0,
    online,
    problems: [...problems],
  }
}

function text({ state }: Screen, probe: Probe): string {
  const { current, next, failures } = state
  return [
    `Marquee player ${__PLAYER_VERSION__}  ${probe.online ? 'online' : 'offline'}  ${probe.page}`,
    `revision ${probe.revision ?? '–'}  items ${state.items.length}  transitions ${probe.transitions}`,
    `now   ${current ? `${current.item.title} (${current.item.kind}, layer ${current.layer})` : '–'}`,
    `next  ${next ? `${next.item.title} (${next.phase})` : '–'}`,
    `buffer ${probe.bufferSeconds.toFixed(1)} s  frames ${probe.presentedFrames}  dropped ${probe.droppedFrames}`,
    ...Object.entries(failures).map(([id, { count, reason }]) => `failing ${id.slice(0, 13)} ${reason} × ${count}`),
    ...probe.problems.map((problem) => `problem ${problem}`),
  ].join('\n')
}
