import {
  type CallToolResult,
  classifyInboundRequest,
  PROTOCOL_VERSION_META_KEY,
  SERVER_INFO_META_KEY,
} from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { Actor } from '../access.ts'
import { callTool } from './call-tool.ts'
import type { Door } from './door.ts'
import { serverInfo } from './server.ts'
import { toolsFor } from './tools.ts'

/** The only version that is answered the short way. */
const version = '2026-07-28'

/** A plain call: nobody asks for its progress, and nothing is unusual. */
const plainCall = z.object({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string(), z.int()]),
  method: z.literal('tools/call'),
  params: z.strictObject({
    name: z.string(),
    arguments: z.record(z.string(), z.unknown()).optional(),
    _meta: z.looseObject({ [PROTOCOL_VERSION_META_KEY]: z.literal(version), progressToken: z.undefined().optional() }),
  }),
})

export type PlainCall = z.output<typeof plainCall>
type Asked = { readonly request: Request; readonly body: unknown; readonly actor: Actor }

/**
 * What agents ask most, the short way: building a server of the SDK for one call costs more than most calls. The answer is
 * the one that the SDK would make, which a test holds against it. Null: anything but a plain call, for the SDK to answer.
 */
export async function answerQuickly(door: Door, { request, body, actor }: Asked): Promise<Response | null> {
  if (!namesACall(request)) return null
  const call = plainCallIn(body)
  if (!call || request.headers.get('mcp-name') !== call.params.name) return null
  const answer = answerPlainCall(door, actor, { call, signal: request.signal })
  return answer && new Response(await answer, { headers: { 'content-type': 'application/json' } })
}

/** A message if it is a plain call in which the SDK would find nothing wrong. */
export function plainCallIn(message: unknown): PlainCall | null {
  const call = plainCall.safeParse(message)
  return call.success && isSound(message, call.data.params.name) ? call.data : null
}

/** The answer as it is sent; null at once where the caller has no such tool. */
export function answerPlainCall(
  door: Door,
  actor: Actor,
  { call: { id, params }, signal }: { call: PlainCall; signal: AbortSignal },
): Promise<string> | null {
  const tool = toolsFor(door.router, actor).tools.get(params.name)
  if (!tool) return null
  const called = callTool(door, tool, { actor, arguments: params.arguments ?? {}, signal })
  return called.then((result) => toMessage(id, result))
}

function namesACall({ headers }: Request): boolean {
  return headers.get('mcp-protocol-version') === version && headers.get('mcp-method') === 'tools/call'
}

/** Whether the SDK finds the message in order, its `_meta` above all. The headers say the same already. */
function isSound(body: unknown, name: string): boolean {
  const outcome = classifyInboundRequest({
    httpMethod: 'POST',
    body,
    protocolVersionHeader: version,
    mcpMethodHeader: 'tools/call',
    mcpNameHeader: name,
  })
  return outcome.kind === 'modern' && outcome.messageKind === 'request'
}

/** The first text is the JSON of the structured answer, so that is written once and used twice. */
function toMessage(id: string | number, { structuredContent, content, _meta, ...rest }: CallToolResult): string {
  const [first] = content
  const json = structuredContent && (first?.type === 'text' ? first.text : JSON.stringify(structuredContent))
  const meta = { ..._meta, [SERVER_INFO_META_KEY]: serverInfo }
  const others = JSON.stringify({ content, ...rest, resultType: 'complete', _meta: meta })
  const result = json === undefined ? others : `${others.slice(0, -1)},"structuredContent":${json}}`
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${result}}`
}
