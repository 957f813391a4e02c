// Says the same line to everybody who listens: GET is a stream of events, POST sends one to all of them.
import { createServer, type ServerResponse } from 'node:http'
import { listen } from './listen.ts'

const listeners = new Set<ServerResponse>()
let revision = 1

const frame = () => `id: ${revision}\ndata: ${JSON.stringify({ kind: 'revision', revision })}\n\n`

listen(
  createServer((request, response) => {
    if (request.method === 'POST') {
      revision++
      const text = frame()
      for (const listener of listeners) listener.write(text)
      return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ revision }))
    }
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.write(frame())
    listeners.add(response)
    response.once('close', () => listeners.delete(response))
  }),
)
