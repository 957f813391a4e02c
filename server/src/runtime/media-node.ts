import { read } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Deps } from '../deps.ts'
import { type AppError, toAppError } from '../errors.ts'
import { type Delivery, planDelivery } from '../features/media/delivery.ts'
import { receivePart } from '../features/media/media.http.ts'
import { problem } from '../http/answers.ts'
import { BoundedMap } from '../lib/bounded-map.ts'
import { newRequestId } from '../lib/id.ts'
import { type ObjectLink, readObjectLink } from '../storage/signed-path.ts'
import { type MediaFile, type MediaFiles, openMediaFiles } from './media-files.ts'
import { piecesOf } from './request-pieces.ts'

/** What a request gets: `next` where the general way has to answer it. */
export type NodeMedia = {
  answer(request: IncomingMessage, response: ServerResponse, next: () => void): void
  close(): void
}

const pieceBytes = 1024 * 1024
/** So many buffers of 1 MB are kept for the next answers. */
const keptBuffers = 16
/** Above so many answers at once, each has a smaller piece in memory: slow readers must not add up. */
const manyAnswers = 32
const manyPieceBytes = 128 * 1024

/**
 * The short way for media on Node: what `media.http.ts` answers, with the same checks and plan, but straight between file
 * and socket. It takes what goes well; refusals, other origins and stores without files go the general way. Null if the
 * storage keeps no files.
 */
export function nodeMedia(deps: Deps): NodeMedia | null {
  const pathOf = deps.storage.file
  if (!pathOf) return null
  const files = openMediaFiles((key) => pathOf(key))
  const checked = new BoundedMap<string, ObjectLink>(2000)
  return {
    close: () => files.close(),
    answer(request, response, next) {
      const { method, url = '', headers } = request
      if (!url.startsWith('/media/') || headers.origin !== undefined) return next()
      if (method === 'PUT') return void receive(deps, request, response)
      const link = method === 'GET' || method === 'HEAD' ? linkOf(deps, checked, url) : null
      if (!link) return next()
      const file = files.take(link.key)
      const go = (taken: MediaFile | null) =>
        taken ? deliver({ deps, files, link, file: taken }, request, response) : next()
      if (file instanceof Promise) void file.then(go)
      else go(file)
    },
  }
}

function linkOf(deps: Deps, checked: BoundedMap<string, ObjectLink>, url: string): ObjectLink | null {
  const now = deps.clock.now().getTime()
  const known = checked.get(url)
  if (known) return now > known.expiresAt ? null : known
  const link = readObjectLink(deps.secret, new URL(url, 'http://localhost'), now)
  if (typeof link === 'string') return null
  checked.set(url, link)
  return link
}

type Asked = { readonly deps: Deps; readonly files: MediaFiles; readonly link: ObjectLink; readonly file: MediaFile }

function deliver({ deps, files, link, file }: Asked, request: IncomingMessage, response: ServerResponse): void {
  const { range, 'if-range': ifRange, 'if-none-match': ifNoneMatch } = request.headers
  const asked = { range, ifRange: typeof ifRange === 'string' ? ifRange : undefined, ifNoneMatch }
  const now = deps.clock.now().getTime()
  const plan = planDelivery(file.info, asked, { filename: link.filename, expiresAt: link.expiresAt, now })
  const others = deps.config.server.origins.length > 0
  plan.headers['cross-origin-resource-policy'] = others ? 'cross-origin' : 'same-origin'
  response.writeHead(plan.status, plan.headers)
  if (request.method === 'HEAD' || !plan.range) {
    files.giveBack(file)
    response.end()
    return
  }
  const { bytesWritten } = request.socket
  response.once('close', () => deps.metrics.delivered(request.socket.bytesWritten - bytesWritten))
  response.once('close', () => files.giveBack(file))
  send(file, plan.range, response)
}

function send(file: MediaFile, { start, end }: NonNullable<Delivery['range']>, response: ServerResponse): void {
  if (file.bytes) return void response.end(file.bytes.subarray(start, end + 1))
  const buffer = takeBuffer()
  let at = start
  // The buffer is used again only when neither the disk nor the socket has a hand on it.
  const finish = (isWhole: boolean) => {
    giveBuffer(buffer)
    if (isWhole) response.end()
    else response.destroy()
  }
  const step = () => {
    if (response.destroyed) return finish(false)
    if (at > end) return finish(true)
    read(file.fd, buffer, 0, Math.min(buffer.length, end - at + 1), at, (error, length) => {
      if (error || length === 0 || response.destroyed) return finish(false)
      at += length
      response.write(buffer.subarray(0, length), (failed) => (failed ? finish(false) : step()))
    })
  }
  step()
}

const buffers: Buffer[] = []
let taken = 0

function takeBuffer(): Buffer {
  taken++
  if (taken > manyAnswers) return Buffer.allocUnsafeSlow(manyPieceBytes)
  return buffers.pop() ?? Buffer.allocUnsafeSlow(pieceBytes)
}

function giveBuffer(buffer: Buffer): void {
  taken--
  if (buffer.length === pieceBytes && buffers.length < keptBuffers) buffers.push(buffer)
}

/** A part straight from the socket. What is refused is answered before the rest of the body is read. */
async function receive(deps: Deps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const headers = await receivePart(deps, {
      url: new URL(request.url ?? '/', 'http://localhost'),
      contentLength: request.headers['content-length'] ?? null,
      body: piecesOf(request),
      ownsPieces: true,
    })
    response.writeHead(204, headers).end()
  } catch (cause) {
    const error = toAppError(cause)
    if (error.code === 'internal') deps.log.error({ err: cause }, 'A part failed')
    if (!response.destroyed) await answerError(error, response)
    // A client that still sends would not see the answer, and its next request would wait behind the rest of this one.
    request.resume()
  }
}

async function answerError(error: AppError, response: ServerResponse): Promise<void> {
  const answer = problem(error, newRequestId())
  response.writeHead(answer.status, {
    ...Object.fromEntries(answer.headers),
    'x-content-type-options': 'nosniff',
  })
  response.end(await answer.text())
}
