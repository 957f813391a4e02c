import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { answerBroken } from './broken-request.ts'
import { nodeMedia } from './media-node.ts'
import { piecesOf } from './request-pieces.ts'
import type { Listen } from './start.ts'
import { comeBack } from './stopping.ts'

const headersTimeoutMs = 20_000
const idleTimeoutMs = 65_000

/** Listens with node:http. Slow or idle connections cost little and are cut after a while. */
export const listenNode: Listen = async ({ host, port, fetch, deps }) => {
  const address = (incoming: IncomingMessage) => incoming.socket.remoteAddress ?? ''
  // The binding is what `@hono/node-server` gives: the Node request is in it.
  const listener = getRequestListener(
    (request, { incoming }) =>
      fetch(request, {
        address: address(incoming as IncomingMessage),
        body: () => piecesOf(incoming as IncomingMessage),
      }),
    // Its own `Response` hands a text over in one write; the native one makes a stream of it, which costs more than a query.
    { overrideGlobalObjects: true },
  )
  const media = nodeMedia(deps)
  const running = runningAnswers()
  const server = createServer(
    {
      headersTimeout: headersTimeoutMs,
      requestTimeout: 0,
      keepAliveTimeout: idleTimeoutMs,
      connectionsCheckingInterval: 5_000,
    },
    (request, response) => {
      if (!running.begin(response)) return
      if (media) media.answer(request, response, () => void listener(request, response))
      else void listener(request, response)
    },
  )
  server.maxRequestsPerSocket = 0
  server.on('clientError', answerBroken)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host }, resolve)
  })
  const bound = server.address()
  return {
    port: typeof bound === 'object' && bound ? bound.port : port,
    close: (graceMs) => closeServer(server, running, graceMs).finally(() => media?.close()),
  }
}

/** The answers on their way. Once the server stops, no more begin: they are told when to come back. */
function runningAnswers() {
  const all = new Set<ServerResponse>()
  let ended: (() => void) | null = null
  return {
    begin(response: ServerResponse): boolean {
      if (ended) {
        response.writeHead(comeBack.status, { ...comeBack.headers, connection: 'close' }).end(comeBack.body)
        return false
      }
      all.add(response)
      response.once('close', () => {
        all.delete(response)
        if (all.size === 0) ended?.()
      })
      return true
    },
    /** Resolves when the last one ended. */
    end: () =>
      new Promise<void>((resolve) => {
        ended = resolve
        if (all.size === 0) resolve()
        for (const response of all) if (!response.headersSent) response.setHeader('connection', 'close')
      }),
  }
}

/** What runs gets the grace to end; the door is shut behind the last one, so that others get an answer until then. */
async function closeServer(server: Server, running: ReturnType<typeof runningAnswers>, graceMs: number): Promise<void> {
  const hard = setTimeout(() => server.closeAllConnections(), graceMs)
  server.closeIdleConnections()
  await running.end()
  clearTimeout(hard)
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
