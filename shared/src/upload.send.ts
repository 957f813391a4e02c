import { type ErrorCode, type ErrorData, isErrorCode } from './errors.ts'
import { nodePut, type PutAnswer } from './upload.node.ts'

/** What the server said to a part, in the shape of its other errors. Without `data` nothing came back: the network. */
export class PartFailed extends Error {
  readonly status: number
  readonly data: ErrorData | undefined
  constructor(status: number, body: string) {
    const told = readProblem(body)
    super(told?.title ?? (status === 0 ? 'The network broke off' : `The server answered with status ${status}`))
    this.name = 'PartFailed'
    this.status = status
    this.data = told?.data
  }
}

export type Sending = {
  readonly signal: AbortSignal
  /** Bytes of this part that left so far; only a browser tells. */
  readonly onProgress: (bytes: number) => void
}

export type PartBody = Blob | Uint8Array<ArrayBuffer>

export type SendPart = (url: string, body: PartBody, sending: Sending) => Promise<void>

/** `PUT`s one part. Rejects with `PartFailed`, or with the signal's reason. */
export function sendPart(url: string, body: PartBody, sending: Sending): Promise<void> {
  // fetch does not tell how much of a body has left; browsers have XMLHttpRequest, which does.
  return typeof XMLHttpRequest === 'undefined' ? sendWhole(url, body, sending) : sendByXhr(url, body, sending)
}

async function sendWhole(url: string, part: PartBody, { signal, onProgress }: Sending): Promise<void> {
  // Node and Deno send bytes at once, but a Blob piece by piece through streams, at several times the cost.
  const body = part instanceof Blob ? new Uint8Array(await part.arrayBuffer()) : part
  signal.throwIfAborted()
  const put = nodePut(url) ?? putByFetch
  const { status, text } = await put(url, body, signal).catch(() => {
    signal.throwIfAborted()
    throw new PartFailed(0, '')
  })
  if (status < 200 || status > 299) throw new PartFailed(status, text)
  onProgress(body.byteLength)
}

async function putByFetch(url: string, body: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<PutAnswer> {
  // A signed link leads nowhere else.
  const answer = await fetch(url, { method: 'PUT', body, signal, credentials: 'omit', redirect: 'error' })
  return { status: answer.status, text: await answer.text().catch(() => '') }
}

function sendByXhr(url: string, body: PartBody, { signal, onProgress }: Sending): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const request = new XMLHttpRequest()
    const stop = () => request.abort()
    request.open('PUT', url)
    request.upload.onprogress = (event) => onProgress(event.loaded)
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve()
      else reject(new PartFailed(request.status, request.responseText))
    }
    request.onerror = () => reject(new PartFailed(0, ''))
    request.onabort = () => reject(signal.reason ?? new PartFailed(0, ''))
    request.onloadend = () => signal.removeEventListener('abort', stop)
    signal.addEventListener('abort', stop, { once: true })
    request.send(body)
  })
}

function readProblem(body: string): { title: string; data: ErrorData } | null {
  try {
    const problem: unknown = JSON.parse(body)
    if (typeof problem !== 'object' || problem === null || !('code' in problem) || !isErrorCode(problem.code))
      return null
    const title = 'title' in problem && typeof problem.title === 'string' ? problem.title : problem.code
    const reason = 'reason' in problem && typeof problem.reason === 'string' ? { reason: problem.reason } : {}
    return { title, data: { code: problem.code, ...reason } }
  } catch {
    return null
  }
}

/** The code of an error of ours, from whichever door; undefined for the network's. */
export function codeOf(error: unknown): ErrorCode | undefined {
  if (typeof error !== 'object' || error === null || !('data' in error)) return undefined
  const { data } = error
  if (typeof data !== 'object' || data === null || !('code' in data)) return undefined
  return isErrorCode(data.code) ? data.code : undefined
}
