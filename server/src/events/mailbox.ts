import type { StoredEvent } from './events.ts'

/** A subscriber this far behind reads everything anew instead of being held in memory. */
const capacity = 1_000

export type Mailbox = ReturnType<typeof makeMailbox>

/** Holds events for one subscriber between their arrival and its reading of them. */
export function makeMailbox(signal: AbortSignal) {
  let waiting: StoredEvent[] = []
  let overflowAt: number | null = null
  let skipped = 0
  let closed = signal.aborted
  let wake: () => void = () => undefined
  const close = () => {
    closed = true
    wake()
  }
  signal.addEventListener('abort', close, { once: true })

  return {
    put(event: StoredEvent) {
      if (event.id <= skipped) return
      if (waiting.length >= capacity) {
        // What comes after the reset is of no use: its reader reads everything anew.
        waiting = []
        overflowAt = event.id
      } else if (overflowAt !== null) overflowAt = event.id
      else waiting.push(event)
      wake()
    },
    /** Events up to this id were given from the table. */
    skipTo(id: number) {
      skipped = id
      waiting = waiting.filter((event) => event.id > id)
    },
    close,
    async *live() {
      while (!closed) {
        const next = waiting.shift()
        if (overflowAt !== null) {
          const id = overflowAt
          overflowAt = null
          yield { kind: 'reset' as const, id }
        } else if (next) yield next
        else {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
      }
      signal.removeEventListener('abort', close)
    },
  }
}
