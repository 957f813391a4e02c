// The SDK's server as its guide shows it, with one tool that says what it was told: over HTTP, or with `--stdio` there.
import { createServer } from 'node:http'
import process from 'node:process'
import { getRequestListener } from '@hono/node-server'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { z } from 'zod'
import { listen } from './listen.ts'

function makeServer() {
  const server = new McpServer({ name: 'echo', version: '1.0.0' })
  const config = { description: 'Says what it was told', inputSchema: z.object({ text: z.string() }) }
  server.registerTool('echo', config, ({ text }) => ({ content: [{ type: 'text', text }] }))
  return server
}

if (process.argv.includes('--stdio')) serveStdio(makeServer)
else {
  const handler = createMcpHandler(makeServer)
  listen(createServer(getRequestListener((request) => handler.fetch(request))))
}
