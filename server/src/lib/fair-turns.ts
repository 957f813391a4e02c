import { setImmediate } from 'node:timers'

type Lane = { running: number; since: number; readonly waiting: (() => void)[] }

/**
 * Lets work of many lanes (tenants) go on side by side: of one lane at most `atOnce`, the rest waits in order. A lane that
 * goes on for longer than `sliceMs` without a pause lets the event loop turn, so that others come in between.
 */
export function makeFairTurns({
  atOnce,
  sliceMs,
  maxWaiting,
}: {
  atOnce: number
  sliceMs: number
  maxWaiting: number
}) {
  const lanes = new Map<string, Lane>()
  const give = (lane: Lane, next: () => void) => {
    if (performance.now() - lane.since < sliceMs) return next()
    setImmediate(() => {
      lane.since = performance.now()
      next()
    })
  }
  const leave = (name: string, lane: Lane) => {
    const next = lane.waiting.shift()
    if (next) return give(lane, next)
    lane.running--
    if (lane.running === 0) lanes.delete(name)
  }
  return {
    /** Null where too many wait already. */
    run<T>(name: string, work: () => Promise<T>): Promise<T> | null {
      const lane = lanes.get(name) ?? { running: 0, since: performance.now(), waiting: [] }
      lanes.set(name, lane)
      const done = () => leave(name, lane)
      if (lane.running < atOnce) {
        lane.running++
        return work().finally(done)
      }
      if (lane.waiting.length >= maxWaiting) return null
      // The place of the one that ended is handed on, so `running` stays.
      return new Promise<void>((resolve) => lane.waiting.push(resolve)).then(() => work().finally(done))
    },
  }
}
