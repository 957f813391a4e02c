import type { Duplex } from 'node:stream'
import { AppError } from '../errors.ts'
import { problem } from '../http/answers.ts'
import { newId } from '../lib/id.ts'

/** What Node keeps of the answer that is on its way on a connection. */
type Answering = { readonly _httpMessage?: { readonly _headerSent?: boolean } | null }

/**
 * Bytes that are no HTTP, headers too long, or a body that is longer than its `Content-Length`, whose rest looks like a
 * broken next request: said in the form of every other refusal, and the connection ends.
 */
export function answerBroken(error: Error & { code?: string }, socket: Duplex): void {
  // True of a socket of node:http.
  const begun = (socket as Duplex & Answering)._httpMessage?._headerSent
  if (error.code === 'ECONNRESET' || !socket.writable || begun) return void socket.destroy(error)
  void write(error.code, socket)
}

async function write(code: string | undefined, socket: Duplex): Promise<void> {
  const tooLong = code === 'HPE_HEADER_OVERFLOW'
  const sentence = tooLong
    ? 'The headers of the request are too long'
    : 'The request is no HTTP, or its body is longer than its Content-Length says'
  const answer = problem(new AppError('bad-input', sentence, { reason: 'http' }), newId())
  const body = Buffer.from(await answer.arrayBuffer())
  const status = tooLong ? '431 Request Header Fields Too Large' : '400 Bad Request'
  const head = `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/problem+json\r\ncontent-length: ${body.length}\r\n\r\n`
  socket.end(Buffer.concat([Buffer.from(head), body]))
}
