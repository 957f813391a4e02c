import type { McpServerFactory, Server } from '@modelcontextprotocol/server'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { closeToolCalls } from '../features/activity/activity.calls.usecases.ts'
import { whoHoldsKey } from '../http/who.ts'
import { newId } from '../lib/id.ts'
import { appRouter } from '../router.ts'
import type { Door } from './door.ts'
import { adUri, newWatched } from './resources.ts'
import { makeServer } from './server.ts'

type Serving = { close(): Promise<void> }
type Connection = {
  readonly key: string
  /** Where the protocol is spoken: the SDK's server on standard input and output. */
  readonly serve: (factory: McpServerFactory) => Serving
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
  const serving = serve(({ era }) => {
    const server = makeServer({ doorOf, watched }, doorOf(), actor)
    eras.set(server, era)
    servers.add(server)
    server.onclose = () => servers.delete(server)
    return server
  })
  return {
    async close() {
      stopListening()
      await serving.close()
      await closeToolCalls(deps)
    },
  }
}
