import type { Db } from '../db/db.ts'
import { findEvents, findFloor, findLastId, insertEvent, purgeEvents } from './events.rows.ts'
import type { Events, StoredEvent } from './events.ts'
import { makeMailbox } from './mailbox.ts'

const batch = 500

type Deps = { readonly db: Db; readonly clock: { now(): Date }; readonly onError: (error: unknown) => void }

/**
 * One reader per process for all subscribers: a commit anywhere wakes it (`db.onCommit`), it reads what is new once and
 * hands it out. The same for both databases; what differs is how a commit of another process is heard, in `db/`.
 */
export async function openEvents({ db, clock, onError }: Deps): Promise<Events> {
  const subscribers = new Map<string, Set<ReturnType<typeof makeMailbox>>>()
  const listeners = new Set<(event: StoredEvent) => void>()
  let last = await findLastId(db.read)
  let pumping: Promise<void> | null = null
  let again = false

  const handOut = (event: StoredEvent) => {
    last = event.id
    for (const listener of listeners) listener(event)
    for (const mailbox of subscribers.get(event.tenantId) ?? []) mailbox.put(event)
  }
  const readOn = async () => {
    do {
      again = false
      let found: StoredEvent[]
      do {
        found = await findEvents(db.read, { afterId: last, limit: batch })
        found.forEach(handOut)
      } while (found.length === batch)
    } while (again)
  }
  const pump = (): Promise<void> => {
    again = true
    pumping ??= readOn()
      .catch(onError)
      .finally(() => {
        pumping = null
      })
    return pumping
  }
  const stopListening = db.onCommit(() => void pump())

  async function* subscribe(tenantId: string, { afterId, signal }: { afterId: number | null; signal: AbortSignal }) {
    const mailbox = makeMailbox(signal)
    const boxes = subscribers.get(tenantId) ?? new Set()
    subscribers.set(tenantId, boxes.add(mailbox))
    try {
      yield* catchUp(tenantId, afterId, mailbox)
      yield* mailbox.live()
    } finally {
      boxes.delete(mailbox)
      if (boxes.size === 0) subscribers.delete(tenantId)
    }
  }

  /** What was missed since `afterId`, straight from the table; the mailbox then skips what was given here. */
  async function* catchUp(tenantId: string, afterId: number | null, mailbox: ReturnType<typeof makeMailbox>) {
    if (afterId === null) return
    if (afterId < (await findFloor(db.read)) || afterId > (await findLastId(db.read))) {
      yield { kind: 'reset' as const, id: last }
      return
    }
    for (let from = afterId; ; ) {
      const found = await findEvents(db.read, { afterId: from, limit: batch, tenantId })
      for (const event of found) {
        mailbox.skipTo(event.id)
        yield event
      }
      const end = found.at(-1)
      if (!end || found.length < batch) return
      from = end.id
    }
  }

  return {
    append: (tx, event) => insertEvent(tx, event, clock.now()),
    subscribe,
    listen(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async lastId() {
      await pump()
      return last
    },
    purge: (before) => db.write((tx) => purgeEvents(tx, before)),
    async close() {
      stopListening()
      await pumping
      for (const boxes of subscribers.values()) for (const mailbox of boxes) mailbox.close()
    },
  }
}
