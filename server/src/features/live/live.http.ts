import { resumeInput, type ScreenNotice } from '@marquee/shared/live.ts'
import type { ScreenActor } from '../../access.ts'
import type { Deps } from '../../deps.ts'
import type { Events } from '../../events/events.ts'
import { BoundedMap } from '../../lib/bounded-map.ts'
import { onePer } from '../../lib/one-per.ts'
import { subscriptionTimes } from '../../trpc.ts'
import { noteSeen } from '../screens/reports.usecases.ts'
import { findScreenActor, isPaired } from '../screens/screens.usecases.ts'
import { findNewestRevision } from './announce.usecases.ts'
import { joinScreens, type Watcher } from './live.usecases.ts'

/** One screen's stream, as the wheel of all streams sees it. */
type Stream = { readonly ping: () => void; readonly close: () => void }

const path = '/trpc/live.screen'
/** The headers of tRPC's own streams. */
const headers = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
}
const encoder = new TextEncoder()
const connected = encoder.encode(`event: connected\ndata: ${JSON.stringify(subscriptionTimes.client)}\n\n`)
const pinged = encoder.encode('event: ping\ndata: \n\n')
const revoked = encoder.encode(`${frame('revoked', { kind: 'revoked' })}event: return\ndata: \n\n`)
/** What a thousand screens hear is the same, so it is encoded once. */
const frames = new BoundedMap<number, Uint8Array>(100)

const streams = onePer((events: Events) => {
  const all = new Set<Stream>()
  // Broken off and not ended: a client comes back to the next server then.
  events.closed.addEventListener('abort', () => {
    for (const stream of all) stream.close()
  })
  return { all, timer: undefined as ReturnType<typeof setInterval> | undefined }
})

/**
 * `live.screen` for a paired screen, with the bytes that tRPC would send and without its chain of generators and streams
 * for each subscriber: fleets have thousands. Null for whatever it does not know; tRPC answers, or refuses, then.
 */
export async function screenStream(deps: Deps, request: Request): Promise<Response | null> {
  if (request.method !== 'GET' || !request.url.includes(path) || !isPlain(new URL(request.url))) return null
  const actor = await findScreenActor(deps, request.headers)
  return actor && new Response(openStream(deps, actor), { headers })
}

function isPlain({ pathname, searchParams }: URL): boolean {
  if (pathname !== path || searchParams.has('batch')) return false
  try {
    return resumeInput.safeParse(JSON.parse(searchParams.get('input') ?? '{}')).success
  } catch {
    return false
  }
}

/** Two frames may wait for a slow reader; then it misses all but the newest, which is pulled. */
function openStream(deps: Deps, actor: ScreenActor): ReadableStream<Uint8Array> {
  const sender = makeSender(deps, actor)
  return new ReadableStream<Uint8Array>(
    { start: (controller) => sender.open(controller), pull: () => sender.tell(), cancel: () => sender.leave() },
    { highWaterMark: 2 },
  )
}

type Controller = ReadableStreamDefaultController<Uint8Array>

function makeSender(deps: Deps, actor: ScreenActor) {
  let controller: Controller | null = null
  let [said, stop] = [0, () => {}]
  const send = (bytes: Uint8Array) => controller?.enqueue(bytes)
  const isFull = () => (controller?.desiredSize ?? 0) <= 0
  const tell = () => {
    if (watcher.revision <= said || isFull()) return
    said = watcher.revision
    send(revisionFrame(said))
  }
  const leave = () => {
    controller = null
    stop()
  }
  const close = () => {
    controller?.close()
    leave()
  }
  const checkAccess = async () => {
    watcher.accessChanged = false
    if (await isPaired(deps, actor)) return tell()
    send(revoked)
    close()
  }
  const watcher: Watcher = {
    screenId: actor.screenId,
    revision: 0,
    accessChanged: false,
    ring: () => (watcher.accessChanged ? void checkAccess().catch(close) : tell()),
  }
  return {
    tell,
    leave,
    async open(opened: Controller) {
      controller = opened
      if (deps.events.closed.aborted) return close()
      send(connected)
      // Joined before the revision is read, so that none falls between.
      stop = enter(deps, { actor, watcher, stream: { close, ping: () => void (isFull() || send(pinged)) } })
      try {
        watcher.revision = Math.max(watcher.revision, await findNewestRevision(deps, actor.tenantId))
        noteSeen(deps, actor)
        // The credential may be of a cache.
        await checkAccess()
      } catch (error) {
        leave()
        throw error
      }
    },
  }
}

type Entry = { readonly actor: ScreenActor; readonly watcher: Watcher; readonly stream: Stream }

/** Adds a stream to those that hear of changes and are pinged, by one timer for all. Returns the way out. */
function enter(deps: Deps, { actor, watcher, stream }: Entry): () => void {
  const state = streams(deps.events)
  const leaveScreens = joinScreens(deps, actor.tenantId, watcher)
  state.all.add(stream)
  state.timer ??= setInterval(() => {
    for (const one of state.all) one.ping()
  }, subscriptionTimes.ping.intervalMs)
  return () => {
    leaveScreens()
    state.all.delete(stream)
    if (state.all.size > 0) return
    clearInterval(state.timer)
    state.timer = undefined
  }
}

function revisionFrame(revision: number): Uint8Array {
  const known = frames.get(revision) ?? encoder.encode(frame(String(revision), { kind: 'revision', revision }))
  frames.set(revision, known)
  return known
}

function frame(id: string, notice: ScreenNotice): string {
  return `data: ${JSON.stringify(notice)}\nid: ${id}\n\n`
}
