import type { McpServerFactory, Server } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { Actor } from '../access.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { closeToolCalls } from '../features/activity/activity.calls.usecases.ts'
import { whoHoldsKey } from '../http/who.ts'
import { newId } from '../lib/id.ts'
import { appRouter } from '../router.ts'
import type { Door } from './door.ts'
import { answerPlainCall, plainCallIn } from './quick-call.ts'
import { adUri, newWatched } from './resources.ts'
import { makeServer } from './server.ts'

/** Takes a message that it can answer the short way, as one line; false leaves it to the SDK. */
export type Shortcut = (message: unknown, answer: (line: string) => void) => boolean
type Serving = { close(): Promise<void> }
type Connection = {
  readonly key: string
  /** Where the protocol is spoken: the SDK's server on standard input and output. */
  readonly serve: (factory: McpServerFactory, shortcut: Shortcut) => Serving
  /** The key ended. */
  readonly ended: () => void
}

/** Serves one connection with one key, which is asked for anew on every call. */
export async function serveMcpOn(deps: Deps, { key, serve, ended }: Connection): Promise<Serving> {
  const headers = new Headers({ authorization: `Bearer ${key}` })
  const who = whoHoldsKey(deps, headers)
  const actor = await who.actor()
  if (actor.kind !== 'key') throw new AppError('not-signed-in', 'Give an API key in MARQUEE_KEY')
  const doorOf = (): Door => ({
    deps,
    who,
    router: appRouter,
    facts: { id: newId(), address: '127.0.0.1', headers },
  })
  const servers = new Set<Server>()
  const watched = newWatched()
  const stopListening = deps.events.listen(({ kind, tenantId, subjectId }) => {
    if (kind === 'access.changed' && subjectId === actor.keyId) ended()
    if (kind === 'ads.changed' && tenantId === actor.tenantId) for (const one of servers) tell(one, subjectId)
  })
  const tell = (server: Server, adId: string | null) => {
    // Clients since 2026 said elsewhere what they want to hear, and hear nothing else.
    const about = adId === null ? [...watched.seen, ...watched.subscribed] : [adUri(adId)]
    server.sendResourceListChanged().catch(() => undefined)
    for (const uri of about) if (wants(server, uri)) server.sendResourceUpdated({ uri }).catch(() => undefined)
  }
  const eras = new WeakMap<Server, string>()
  const wants = (server: Server, uri: string) => eras.get(server) === 'modern' || watched.subscribed.has(uri)
  const factory: McpServerFactory = ({ era }) => {
    const server = makeServer({ doorOf, watched }, doorOf(), actor)
    eras.set(server, era)
    servers.add(server)
    server.onclose = () => servers.delete(server)
    return server
  }
  const serving = serve(factory, makeShortcut(doorOf, actor))
  return {
    async close() {
      stopListening()
      await serving.close()
      await closeToolCalls(deps)
    },
  }
}

function makeShortcut(doorOf: () => Door, actor: Actor): Shortcut {
  const running = new Map<string | number, AbortController>()
  return (message, answer) => {
    const gone = cancelled.safeParse(message)
    const known = gone.success && running.get(gone.data.params.requestId)
    if (known) known.abort()
    const call = known ? null : plainCallIn(message)
    if (!call) return Boolean(known)
    const stop = new AbortController()
    const answering = answerPlainCall(doorOf(), actor, { call, signal: stop.signal })
    if (!answering) return false
    running.set(call.id, stop)
    void answering.then((line) => {
      running.delete(call.id)
      // Nobody waits for the answer to a call that was taken back.
      if (!stop.signal.aborted) answer(line)
    })
    return true
  }
}

const cancelled = z.object({
  method: z.literal('notifications/cancelled'),
  params: z.object({ requestId: z.union([z.string(), z.number()]) }),
})
