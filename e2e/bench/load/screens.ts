// Holds the streams of many screens, makes changes at a fixed pace, and says how long after each the screens heard of it.
import { Agent, get, type IncomingMessage } from 'node:http'
import { rssMb } from '../processes.ts'
import { answerLoad } from './load.ts'

export type Stream = { readonly url: string; readonly headers: Record<string, string> }
export type Change = { readonly url: string; readonly headers: Record<string, string>; readonly body: string }
export type ScreensInput = {
  readonly pid: number
  readonly streams: readonly Stream[]
  /** Made one after another, `everyMs` apart. */
  readonly changes: readonly Change[]
  readonly everyMs: number
  /** What each screen asks for when it hears: its manifest. */
  readonly thenGet?: string
}
export type ScreensAnswer = {
  /** From the start of the request that made a change until a screen had the notice, of all screens and changes. */
  readonly notices: number[]
  /** The same until the screen had its manifest. */
  readonly manifests: number[]
  /** Of the server while all are connected, and at its highest. */
  readonly connectedRssMb: number
  readonly peakRssMb: number
}

const settleMs = 2_000
const connectAtOnce = 50
const patienceMs = 60_000

type Hearing = { revision: number; onRevision: (revision: number) => void }

answerLoad<ScreensInput, ScreensAnswer>(async ({ pid, streams, changes, everyMs, thenGet }) => {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
  const hearings: Hearing[] = streams.map(() => ({ revision: 0, onRevision: () => undefined }))
  const opening = streams.map((stream, at) => ({ stream, hearing: hearings[at] }))
  const open = async () => {
    for (let next = opening.pop(); next; next = opening.pop()) if (next.hearing) await listen(next.stream, next.hearing)
  }
  await Promise.all(Array.from({ length: connectAtOnce }, open))
  await new Promise((resolve) => setTimeout(resolve, settleMs))
  const connectedRssMb = rssMb(pid)
  let peakRssMb = connectedRssMb
  const sampling = setInterval(() => {
    peakRssMb = Math.max(peakRssMb, rssMb(pid))
  }, 100)
  const [notices, manifests]: [number[], number[]] = [[], []]
  for (const [at, change] of changes.entries()) {
    const started = performance.now()
    const all = hearings.map(
      (hearing, screen) =>
        new Promise<void>((resolve) => {
          hearing.onRevision = async () => {
            hearing.onRevision = () => undefined
            // The first change warms up.
            if (at > 0) notices.push(performance.now() - started)
            const headers = streams[screen]?.headers
            if (thenGet && headers) {
              await fetchWhole(thenGet, headers, agent)
              if (at > 0) manifests.push(performance.now() - started)
            }
            resolve()
          }
        }),
    )
    await post(change)
    await within(Promise.all(all))
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, everyMs - (performance.now() - started))))
  }
  clearInterval(sampling)
  return { notices, manifests, connectedRssMb, peakRssMb }
})

/** Resolves when the stream said its first revision. */
function listen({ url, headers }: Stream, hearing: Hearing): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false, headers: { ...headers, accept: 'text/event-stream' } }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${url} answered ${response.statusCode}`))
      read(response, (revision) => {
        const isNewer = revision > hearing.revision
        hearing.revision = Math.max(revision, hearing.revision)
        resolve()
        if (isNewer) hearing.onRevision(revision)
      })
    }).once('error', reject)
  })
}

function read(response: IncomingMessage, onRevision: (revision: number) => void): void {
  let text = ''
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const [, revision] = /"revision":(\d+)/.exec(text.slice(0, end)) ?? []
      text = text.slice(end + 2)
      if (revision) onRevision(Number(revision))
    }
  })
}

async function post({ url, headers, body }: Change): Promise<void> {
  const response = await fetch(url, { method: 'POST', headers, body })
  const text = await response.text()
  if (!response.ok) throw new Error(`The change was answered with ${response.status}: ${text}`)
}

function fetchWhole(url: string, headers: Record<string, string>, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { agent, headers }, (response) => {
      response.resume().once('end', resolve).once('error', reject)
    }).once('error', reject)
  })
}

async function within(work: Promise<unknown>): Promise<void> {
  const late = new Promise((_, reject) => {
    setTimeout(
      () => reject(new Error(`Not every screen heard of the change within ${patienceMs} ms`)),
      patienceMs,
    ).unref()
  })
  await Promise.race([work, late])
}
