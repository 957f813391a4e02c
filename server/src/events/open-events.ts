import type { Db } from '../db/db.ts'
import { findEvents, findFloor, findLastId, insertEvent, purgeEvents } from './events.rows.ts'
import type { Events, NewEvent, StoredEvent } from './events.ts'
import { type Mailbox, makeMailbox } from './mailbox.ts'

const batch = 500

type HubDeps = { readonly db: Db; readonly clock: { now(): Date }; readonly onError: (error: unknown) => void }
type Reset = { readonly kind: 'reset'; readonly id: number }

/** Opens the events of a database; the same for SQLite and Postgres. */
export async function openEvents(deps: HubDeps): Promise<Events> {
  return new EventHub(deps, await findLastId(deps.db.read))
}

/**
 * One reader per process for all subscribers: a commit anywhere wakes it (`db.onCommit`), it reads what is new once and
 * hands it out. How a commit of another process is heard is the database's matter.
 */
class EventHub implements Events {
  readonly #deps: HubDeps
  readonly #boxes = new Map<string, Set<Mailbox>>()
  readonly #listeners = new Set<(event: StoredEvent) => void>()
  readonly #stopListening: () => void
  readonly #closing = new AbortController()
  readonly closed = this.#closing.signal
  #last: number
  #reading: Promise<void> | null = null
  #again = false

  constructor(deps: HubDeps, last: number) {
    this.#deps = deps
    this.#last = last
    this.#stopListening = deps.db.onCommit(() => void this.#readOn())
  }

  append = (tx: Parameters<Events['append']>[0], event: NewEvent) => insertEvent(tx, event, this.#deps.clock.now())

  purge = (before: Date) => this.#deps.db.write((tx) => purgeEvents(tx, before))

  listen(listener: (event: StoredEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  async lastId(): Promise<number> {
    await this.#readOn()
    return this.#last
  }

  async *subscribe(
    tenantId: string,
    { afterId, signal }: { afterId: number | null; signal: AbortSignal },
  ): AsyncGenerator<StoredEvent | Reset> {
    const box = makeMailbox(signal)
    const boxes = this.#boxes.get(tenantId) ?? new Set()
    this.#boxes.set(tenantId, boxes.add(box))
    try {
      if (afterId !== null) yield* this.#catchUp(tenantId, afterId, box)
      yield* box.live()
    } finally {
      boxes.delete(box)
      if (boxes.size === 0) this.#boxes.delete(tenantId)
    }
  }

  async close(): Promise<void> {
    this.#stopListening()
    this.#closing.abort()
    await this.#reading
    for (const boxes of this.#boxes.values()) for (const box of boxes) box.close()
  }

  /** What was missed since `afterId`, straight from the table; the mailbox then leaves out what was given here. */
  async *#catchUp(tenantId: string, afterId: number, box: Mailbox): AsyncGenerator<StoredEvent | Reset> {
    const { read } = this.#deps.db
    if (afterId < (await findFloor(read)) || afterId > (await findLastId(read))) {
      yield { kind: 'reset', id: this.#last }
      return
    }
    for (let from = afterId; ; ) {
      const found = await findEvents(read, { afterId: from, limit: batch, tenantId })
      for (const event of found) {
        box.skipTo(event.id)
        yield event
      }
      from = found.at(-1)?.id ?? from
      if (found.length < batch) return
    }
  }

  /** Reads until nothing is new. Calls while it reads make it look once more. */
  #readOn(): Promise<void> {
    this.#again = true
    this.#reading ??= this.#readUntilQuiet()
      .catch(this.#deps.onError)
      .finally(() => {
        this.#reading = null
      })
    return this.#reading
  }

  async #readUntilQuiet(): Promise<void> {
    while (this.#again) {
      this.#again = false
      const found = await findEvents(this.#deps.db.read, { afterId: this.#last, limit: batch })
      for (const event of found) this.#handOut(event)
      if (found.length === batch) this.#again = true
    }
  }

  #handOut(event: StoredEvent): void {
    this.#last = event.id
    for (const listener of this.#listeners) listener(event)
    for (const box of this.#boxes.get(event.tenantId) ?? []) box.put(event)
  }
}
