import { type ServerContext, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server'
import type { Actor } from '../access.ts'
import type { Deps } from '../deps.ts'
import type { Door } from './door.ts'
import { newWatched } from './resources.ts'
import { countSessions, oldestSession, type Seat, type Session } from './seats.ts'
import { makeServer } from './server.ts'

/** More than this and the one that nobody used for the longest time ends; its client begins anew, as the protocol says. */
const maxPerKey = 50
const maxSessions = 1_000

type Opening = {
  readonly seat: Seat
  readonly actor: Actor
  readonly door: Door
  readonly doorOf: (context: ServerContext) => Door
}

/** Answers `initialize` with a session of its own. */
export async function openSession(
  deps: Deps,
  { seat, actor, door, doorOf }: Opening,
  { request, body }: { request: Request; body: unknown },
): Promise<Response> {
  makeRoom(deps, seat)
  const watched = newWatched()
  const server = makeServer({ doorOf, watched }, door, actor)
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: () => crypto.randomUUID(),
    onsessioninitialized: (id) => void seat.sessions.set(id, session),
  })
  const session: Session = {
    usedAt: deps.clock.now().getTime(),
    streams: 0,
    async handle(one, parsedBody) {
      session.usedAt = deps.clock.now().getTime()
      const answer = await transport.handleRequest(one, parsedBody === undefined ? {} : { parsedBody })
      if (one.method === 'GET' && answer.ok) countStream(session, one.signal)
      return answer
    },
    tell(uri) {
      const about = uri === null ? [...watched.subscribed] : [uri].filter((one) => watched.subscribed.has(one))
      // Whoever does not listen at the moment reads anew when it asks.
      server.sendResourceListChanged().catch(() => undefined)
      for (const one of about) server.sendResourceUpdated({ uri: one }).catch(() => undefined)
    },
    close: () => server.close(),
  }
  await server.connect(transport)
  server.onclose = () => void (transport.sessionId && seat.sessions.delete(transport.sessionId))
  return session.handle(request, body)
}

function countStream(session: Session, signal: AbortSignal): void {
  session.streams++
  signal.addEventListener('abort', () => session.streams--, { once: true })
}

function makeRoom(deps: Deps, { sessions }: Seat): void {
  if (sessions.size >= maxPerKey) void [...sessions.values()].sort((a, b) => a.usedAt - b.usedAt)[0]?.close()
  if (countSessions(deps) >= maxSessions) void oldestSession(deps)?.close()
}
