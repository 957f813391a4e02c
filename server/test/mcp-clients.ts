import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client'
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'

const me = { name: 'marquee-test', version: '1.0.0' }

export type McpClients = Awaited<ReturnType<typeof connectModern>> | Awaited<ReturnType<typeof connectLegacy>>
type Where = { readonly url: string; readonly key: string }

/** A client of the protocol of 2026: no session, each request by itself. */
export async function connectModern({ url, key }: Where) {
  const client = new ModernClient(me, { versionNegotiation: { mode: 'auto' } })
  const headers = { authorization: `Bearer ${key}` }
  await client.connect(new ModernTransport(new URL('/mcp', url), { requestInit: { headers } }))
  return client
}

/** A client of the first SDK, which keeps a session. */
export async function connectLegacy({ url, key }: Where) {
  const client = new LegacyClient(me)
  const headers = { authorization: `Bearer ${key}` }
  const transport = new LegacyTransport(new URL('/mcp', url), { requestInit: { headers } })
  // The SDK's own types do not fit `exactOptionalPropertyTypes`.
  await client.connect(transport as unknown as Parameters<typeof client.connect>[0])
  return Object.assign(client, { sessionId: () => transport.sessionId, endSession: () => transport.terminateSession() })
}

export const mcpVersion = '2026-07-28'
/** What every request of the protocol of 2026 says of itself. */
export const envelope = {
  'io.modelcontextprotocol/protocolVersion': mcpVersion,
  'io.modelcontextprotocol/clientInfo': me,
  'io.modelcontextprotocol/clientCapabilities': {},
}

/** One message by hand, in the protocol of 2026. */
export function modernPost(method: string, params: Record<string, unknown>, meta: object = {}): RequestInit {
  return {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': mcpVersion,
      'mcp-method': method,
      ...(typeof params.name === 'string' && { 'mcp-name': params.name }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 7, method, params: { ...params, _meta: { ...envelope, ...meta } } }),
  }
}

/** The refusal in an answer of a tool, or null. */
export function refusalOf(result: object): { code: string; message: string; detail?: Record<string, unknown> } | null {
  if (!('isError' in result) || !result.isError) return null
  return JSON.parse(firstText(result)).error
}

export function firstText(result: object): string {
  // A result of a tool: its first block is text.
  const [first] = (result as { content: { text: string }[] }).content
  return first?.text ?? ''
}
