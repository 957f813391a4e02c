import { ProtocolError, ProtocolErrorCode, Server, type ServerContext } from '@modelcontextprotocol/server'
import packageFile from '../../package.json' with { type: 'json' }
import { type Actor, can } from '../access.ts'
import { noteToolCall } from '../features/activity/activity.calls.usecases.ts'
import type { Progress } from '../trpc.ts'
import { callTool } from './call-tool.ts'
import type { Door } from './door.ts'
import { instructions } from './instructions.ts'
import { getPrompt, prompts } from './prompts.ts'
import { addResources, type Watched } from './resources.ts'
import { toolsFor } from './tools.ts'

/** What a server serves: one request, a session, or a connection. */
export type Served = {
  /** Whoever makes the request. */
  doorOf(context: ServerContext): Door
  readonly watched: Watched
}

export const serverInfo = { name: 'marquee', title: 'Marquee', version: packageFile.version }

/** Speaks the protocol for one key. What it lists is made once and shared, so a server of its own per request is cheap. */
export function makeServer({ doorOf, watched }: Served, { router }: Door, actor: Actor): Server {
  const readsAds = can(actor, 'ads:read')
  const server = new Server(serverInfo, {
    capabilities: {
      tools: {},
      prompts: {},
      ...(readsAds && { resources: { subscribe: true, listChanged: true } }),
    },
    instructions,
  })
  server.setRequestHandler('tools/list', () => ({ tools: toolsFor(router, actor).definitions }))
  server.setRequestHandler('tools/call', async ({ params }, context) => {
    const door = doorOf(context)
    const tool = toolsFor(router, actor).tools.get(params.name)
    if (!tool) throw unknownTool(door, actor, params.name)
    return callTool(door, tool, {
      actor,
      arguments: params.arguments ?? {},
      signal: context.mcpReq.signal,
      progress: progressOf(context),
    })
  })
  server.setRequestHandler('prompts/list', () => ({ prompts }))
  server.setRequestHandler('prompts/get', ({ params }) => getPrompt(params))
  if (readsAds) addResources(server, { doorOf, watched })
  return server
}

/** A tool that the key's scopes hide is as unknown as one that is not there. */
function unknownTool({ deps }: Door, actor: Actor, name: string): ProtocolError {
  noteToolCall(deps, actor, { tool: name, outcome: 'not-found', dryRun: false, arguments: '' })
  return new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    `Unknown tool "${name.slice(0, 80)}". Call tools/list to see those that this key may use`,
  )
}

function progressOf({ mcpReq }: ServerContext): Progress | undefined {
  const token = mcpReq._meta?.progressToken
  if (token === undefined) return undefined
  return (progress, total, message) => {
    const params = { progressToken: token, progress, total, message }
    // Whoever left does not hear how far it is.
    mcpReq.notify({ method: 'notifications/progress', params }).catch(() => undefined)
  }
}
