/** As long as fetch waits for a server that says nothing. */
const silenceMs = 300_000

type Http = typeof import('node:http')
export type PutAnswer = { readonly status: number; readonly text: string }
type Put = (url: string, body: Uint8Array<ArrayBuffer>, signal: AbortSignal) => Promise<PutAnswer>

/**
 * A `PUT` by Node's own HTTP client; null anywhere else. Node's fetch copies the bytes several times on their way, and
 * so costs more than all that the server does with them.
 */
export function nodePut(url: string): Put | null {
  const isNode = !('Deno' in globalThis) && typeof process !== 'undefined' && process.release?.name === 'node'
  const http = isNode ? process.getBuiltinModule?.(url.startsWith('https:') ? 'node:https' : 'node:http') : undefined
  return http ? (...asked) => put(http, ...asked) : null
}

function put(http: Pick<Http, 'request'>, ...[url, body, signal]: Parameters<Put>): Promise<PutAnswer> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-length': body.byteLength }
    const request = http.request(url, { method: 'PUT', headers, signal }, (response) => {
      let text = ''
      response
        .setEncoding('utf8')
        .on('data', (piece: string) => {
          text += piece
        })
        .once('end', () => resolve({ status: response.statusCode ?? 0, text }))
        .once('error', reject)
    })
    request.once('error', reject)
    request.setTimeout(silenceMs, () => request.destroy(new Error('The server says nothing any more')))
    request.end(body)
  })
}
