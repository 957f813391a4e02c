import { createServer, type IncomingMessage, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { nodeMedia } from './media-node.ts'
import type { Listen } from './start.ts'

const headersTimeoutMs = 20_000
const idleTimeoutMs = 65_000

/** Listens with node:http. Slow or idle connections cost little and are cut after a while. */
export const listenNode: Listen = async ({ host, port, fetch, deps }) => {
  const address = (incoming: IncomingMessage) => incoming.socket.remoteAddress ?? ''
  // The binding is what `@hono/node-server` gives: the Node request is in it.
  const listener = getRequestListener(
    (request, { incoming }) => fetch(request, { address: address(incoming as IncomingMessage) }),
    { overrideGlobalObjects: false },
  )
  const media = nodeMedia(deps)
  const server = createServer(
    {
      headersTimeout: headersTimeoutMs,
      requestTimeout: 0,
      keepAliveTimeout: idleTimeoutMs,
      connectionsCheckingInterval: 5_000,
    },
    (request, response) => {
      if (media) media.answer(request, response, () => void listener(request, response))
      else void listener(request, response)
    },
  )
  server.maxRequestsPerSocket = 0
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host }, resolve)
  })
  const bound = server.address()
  return {
    port: typeof bound === 'object' && bound ? bound.port : port,
    close: (graceMs) => closeServer(server, graceMs).finally(() => media?.close()),
  }
}

/** Idle connections end at once, busy ones when they are done or the grace is over. */
function closeServer(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const hard = setTimeout(() => server.closeAllConnections(), graceMs)
    server.close(() => {
      clearTimeout(hard)
      resolve()
    })
    server.closeIdleConnections()
  })
}
