import type { IncomingMessage } from 'node:http'

/** More than this is not kept for who is slow to ask. */
const keptBytes = 256 * 1024

/**
 * The body of a request, piece after piece as the parser gives them. The request's own iterator would join what waits, at
 * the cost of a copy, and turn the socket off and on for every piece.
 */
export function piecesOf(request: IncomingMessage): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => iterate(request) }
}

type Next = IteratorResult<Uint8Array, undefined>
const last: Next = { done: true, value: undefined }

function iterate(request: IncomingMessage): AsyncIterator<Uint8Array> {
  const waiting: Uint8Array[] = []
  let [kept, asked]: [number, PromiseWithResolvers<Next> | null] = [0, null]
  let over: { readonly error: Error | null } | null = null
  const onData = (piece: Buffer) => {
    if (asked) {
      asked.resolve({ value: piece })
      asked = null
      return
    }
    waiting.push(piece)
    kept += piece.length
    if (kept >= keptBytes) request.pause()
  }
  const finish = (error: Error | null) => {
    over ??= { error }
    if (over.error) asked?.reject(over.error)
    else asked?.resolve(last)
    asked = null
  }
  const onClose = () => finish(new Error('The connection broke off'))
  request
    .on('data', onData)
    .once('end', () => finish(null))
    .once('error', finish)
    .once('close', onClose)
  if (request.destroyed) onClose()
  return {
    async next() {
      const piece = waiting.shift()
      if (piece) {
        kept -= piece.length
        return { value: piece }
      }
      if (over) {
        if (over.error) throw over.error
        return last
      }
      asked = Promise.withResolvers()
      request.resume()
      return asked.promise
    },
    // The connection stays, and with it the way for an answer.
    async return() {
      request.pause().off('data', onData)
      waiting.length = 0
      finish(null)
      return last
    },
  }
}
