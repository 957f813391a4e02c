import type { Manifest } from '@marquee/shared/manifest.ts'
import { type Effect, type Event, initial, pageOf, type State, step, wakeAt } from '../player.ts'

export type Row = Partial<Manifest['items'][number]>
export function manifest(ids: string, rows: Record<string, Row> = {}, revision = 1): Manifest {
  const items = [...ids].map((adId) => ({
    adId,
    title: adId,
    kind: 'film' as const,
    type: 'video/mp4',
    url: `/media/${adId}`,
    size: 1,
    sha256: adId,
    durationMs: 5_000,
    fit: 'contain' as const,
    volume: 100,
    validFrom: null,
    validUntil: null,
    ...rows[adId],
  }))
  const screen = { id: 's', name: 'Screen', orientation: 0 as const, muted: false, shuffle: false }
  return { version: 1, revision, screen, items, serverTime: 0, refreshBefore: 1_000_000 }
}

/** The machine with a stage whose effects are written down. */
export function machine(ids?: string, rows?: Record<string, Row>) {
  let state: State = initial
  let log: Effect[] = []
  const self = {
    now: 0,
    get state() {
      return state
    },
    get page() {
      return pageOf(state)
    },
    get began() {
      return log.flatMap((effect) => (effect.kind === 'report' && effect.began ? [effect.began] : []))
    },
    get wakeAt() {
      return wakeAt(state, self.now)
    },
    get on() {
      return state.current?.item.adId ?? null
    },
    get next() {
      return state.next ? `${state.next.item.adId} ${state.next.phase}` : null
    },
    send(event: Event): string[] {
      const result = step(state, event, { now: self.now, random: () => 0 })
      state = result.state
      log = [...log, ...result.effects]
      return result.effects.map(name)
    },
    manifest: (next: string, nextRows?: Record<string, Row>) =>
      self.send({ kind: 'manifest', manifest: manifest(next, nextRows) }),
    /** The server tells it to show `adId` at once; the loop is `loop`. */
    order: (id: string, adId: string, { loop, until = 60_000 }: { loop: string; until?: number }) => {
      const [item] = manifest(adId).items
      return self.send({ kind: 'manifest', manifest: { ...manifest(loop), now: item ? { id, item, until } : null } })
    },
    time: (now: number) => {
      self.now = now
      return self.send({ kind: 'time' })
    },
    ready: () => self.send({ kind: 'ready', token: state.next?.token ?? -1 }),
    shown: () => self.send({ kind: 'shown', token: state.next?.token ?? -1 }),
    ended: () => self.send({ kind: 'ended', token: state.current?.token ?? -1 }),
    nextFails: () => self.send({ kind: 'failed', token: state.next?.token ?? -1, reason: 'not-playable' }),
    currentFails: () => self.send({ kind: 'failed', token: state.current?.token ?? -1, reason: 'stalled' }),
    /** The first item is on, the second one is ready behind it. */
    begin: () => {
      self.ready()
      self.shown()
      self.ready()
      return self
    },
  }
  if (ids !== undefined) self.manifest(ids, rows)
  return self
}

export function name(effect: Effect): string {
  if (effect.kind === 'prepare' || effect.kind === 'show')
    return `${effect.kind} ${effect.slot.item.adId}${effect.slot.layer}`
  if (effect.kind === 'clear') return `clear ${effect.layer}`
  if (effect.kind === 'report' && effect.problem) return `report ${effect.problem.adId} ${effect.problem.reason}`
  return effect.kind
}
