import {
  createMcpHandler,
  InMemoryServerEventBus,
  type McpHttpHandler,
  type McpServerFactory,
} from '@modelcontextprotocol/server'
import type { Deps } from '../deps.ts'
import type { Events } from '../events/events.ts'
import { onePer } from '../lib/one-per.ts'
import type { Who } from '../trpc.ts'
import { adUri, newWatched, type Watched } from './resources.ts'

const maxSeats = 1_000
const sweepMs = 15_000
const idleSeatMs = 10 * 60_000
const idleSessionMs = 30 * 60_000

/** What a client of the protocol before 2026 keeps open between its requests. */
export type Session = {
  usedAt: number
  /** Streams on which it hears of changes. */
  streams: number
  handle(request: Request, body: unknown): Promise<Response>
  /** Tells of a changed ad, or with null of many. */
  tell(uri: string | null): void
  close(): Promise<void>
}

/** What is kept for a key between its requests. It ends when the key does, with every stream that is open. */
export type Seat = {
  readonly keyId: string
  readonly tenantId: string
  /** Serves what needs no session, and streams of those who listen. */
  readonly handler: McpHttpHandler
  readonly listeners: () => number
  readonly sessions: Map<string, Session>
  readonly watched: Watched
  usedAt: number
  /** Whether the key still holds; throws if not. */
  who: Who
}

const places = onePer((events: Events) => {
  const seats = new Map<string, Seat>()
  events.listen(({ kind, tenantId, subjectId }) => {
    if (kind === 'access.changed') endSeats(seats, { tenantId, subjectId })
    if (kind === 'ads.changed') for (const seat of seats.values()) if (seat.tenantId === tenantId) tell(seat, subjectId)
  })
  const place = { seats, timer: undefined as ReturnType<typeof setInterval> | undefined }
  events.closed.addEventListener('abort', () => {
    clearInterval(place.timer)
    for (const seat of seats.values()) endSeat(seats, seat)
  })
  return place
})

type Key = { readonly keyId: string; readonly tenantId: string; readonly who: Who }

/** The key's seat; made if it has none. */
export function takeSeat(deps: Deps, { keyId, tenantId, who }: Key, factory: McpServerFactory): Seat {
  const place = places(deps.events)
  const before = place.seats.get(keyId)
  const bus = new InMemoryServerEventBus()
  const onerror = (err: Error) => deps.log.debug({ err }, 'An MCP request was refused')
  const seat = before ?? {
    keyId,
    tenantId,
    who,
    handler: createMcpHandler(factory, { bus, maxSubscriptions: 20, onerror }),
    listeners: () => bus.listenerCount,
    sessions: new Map<string, Session>(),
    watched: newWatched(),
    usedAt: 0,
  }
  seat.usedAt = deps.clock.now().getTime()
  seat.who = who
  // The latest used are last, so the first is the one to go.
  place.seats.delete(keyId)
  place.seats.set(keyId, seat)
  const [oldest] = place.seats.values()
  if (place.seats.size > maxSeats && oldest) endSeat(place.seats, oldest)
  place.timer ??= setInterval(() => sweep(deps, place), sweepMs)
  return seat
}

export function countSessions(deps: Deps): number {
  let count = 0
  for (const { sessions } of places(deps.events).seats.values()) count += sessions.size
  return count
}

/** The session that nobody used for the longest time, of all keys. */
export function oldestSession(deps: Deps): Session | undefined {
  let oldest: Session | undefined
  for (const { sessions } of places(deps.events).seats.values())
    for (const session of sessions.values()) if (!oldest || session.usedAt < oldest.usedAt) oldest = session
  return oldest
}

/** Ends what is idle, and the streams of keys that ended without an event: by their own date. */
export function sweep(deps: Deps, place = places(deps.events)): void {
  const now = deps.clock.now().getTime()
  for (const seat of place.seats.values()) {
    for (const session of seat.sessions.values())
      if (session.streams === 0 && now - session.usedAt > idleSessionMs) void session.close()
    const isEmpty = seat.sessions.size === 0 && seat.listeners() === 0
    if (isEmpty && now - seat.usedAt > idleSeatMs) endSeat(place.seats, seat)
    else if (!isEmpty) seat.who.actor().catch(() => endSeat(place.seats, seat))
  }
  if (place.seats.size > 0) return
  clearInterval(place.timer)
  place.timer = undefined
}

function endSeats(seats: Map<string, Seat>, { tenantId, subjectId }: { tenantId: string; subjectId: string | null }) {
  for (const seat of seats.values()) {
    if (seat.keyId === subjectId) endSeat(seats, seat)
    else if (subjectId === null && seat.tenantId === tenantId) void seat.who.actor().catch(() => endSeat(seats, seat))
  }
}

function endSeat(seats: Map<string, Seat>, seat: Seat): void {
  if (seats.get(seat.keyId) === seat) seats.delete(seat.keyId)
  for (const session of seat.sessions.values()) void session.close()
  void seat.handler.close()
}

/** Of a change of many ads, everything that the client saw may be part. */
function tell({ handler, sessions, watched }: Seat, adId: string | null): void {
  const changed = adId === null ? null : adUri(adId)
  handler.notify.resourcesChanged()
  for (const uri of changed === null ? [...watched.seen, ...watched.subscribed] : [changed])
    handler.notify.resourceUpdated(uri)
  for (const session of sessions.values()) session.tell(changed)
}
