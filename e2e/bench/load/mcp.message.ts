export type Call = { readonly tool: string; readonly arguments: Record<string, unknown> }

export const version = '2026-07-28'
const meta = {
  'io.modelcontextprotocol/protocolVersion': version,
  'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
}

/** A call of a tool as the protocol of 2026 has it on the wire. */
export function toMessage(id: number, { tool, arguments: given }: Call): string {
  return JSON.stringify({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name: tool, arguments: given, _meta: meta },
  })
}

/** An error of the protocol or of the tool is no answer to count. */
export function ensureAnswer(text: string): void {
  if (!text.includes('"result"') || text.includes('"isError":true'))
    throw new Error(`It answered ${text.slice(0, 300)}`)
}
