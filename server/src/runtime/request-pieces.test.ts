import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { piecesOf } from './request-pieces.ts'

const MB = 1024 * 1024

/** A server that gives its next request to `take`, and the client's side of it. */
async function open() {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const sending = request({ port, host: '127.0.0.1', method: 'PUT', headers: { 'transfer-encoding': 'chunked' } })
  sending.on('error', () => {})
  sending.flushHeaders()
  // Of a request event these are the arguments.
  const [incoming, response] = (await once(server, 'request')) as [IncomingMessage, ServerResponse]
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { sending, incoming, response, [Symbol.asyncDispose]: close }
}

describe('the pieces of a request', () => {
  it('are all its bytes in order, to one who asks slowly too', async () => {
    await using opened = await open()
    const bytes = randomBytes(3 * MB)
    opened.sending.end(bytes)
    const got: Uint8Array[] = []
    for await (const piece of piecesOf(opened.incoming)) {
      got.push(piece)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(Buffer.concat(got).equals(bytes)).toBe(true)
    opened.response.end()
  })

  it('are not taken from the socket while nobody asks', async () => {
    await using opened = await open()
    const iterator = piecesOf(opened.incoming)[Symbol.asyncIterator]()
    opened.sending.end(Buffer.alloc(16 * MB))
    expect((await iterator.next()).value?.length).toBeGreaterThan(0)
    await expect.poll(() => opened.incoming.isPaused()).toBe(true)
    expect(opened.sending.writableFinished).toBe(false)
    await iterator.return?.()
    opened.response.end()
  })

  it('end with a failure when the client goes away, also if that was before anybody asked', async () => {
    await using opened = await open()
    opened.sending.write('begun')
    const iterator = piecesOf(opened.incoming)[Symbol.asyncIterator]()
    expect((await iterator.next()).value?.length).toBe(5)
    const next = iterator.next()
    opened.sending.destroy()
    await expect(next).rejects.toThrow()
    await expect(piecesOf(opened.incoming)[Symbol.asyncIterator]().next()).rejects.toThrow()
  })

  it('leave the connection for the answer to who stops asking', async () => {
    await using opened = await open()
    const answered = once(opened.sending, 'response')
    opened.sending.write('begun')
    for await (const _ of piecesOf(opened.incoming)) break
    opened.response.writeHead(400).end()
    opened.incoming.resume()
    const [answer] = (await answered) as [IncomingMessage]
    expect(answer.statusCode).toBe(400)
  })
})
