import type { ErrorCode } from '@marquee/shared/errors.ts'
import type { ScreenNotice } from '@marquee/shared/live.ts'
import type { Manifest } from '@marquee/shared/manifest.ts'
import { heartbeatMs } from '@marquee/shared/screen-times.ts'
import type { Report } from '@marquee/shared/screens.ts'
import { type Api, codeOf } from './api.ts'
import { isManifest } from './manifest-check.ts'
import { backOff, sleep } from './waiting.ts'

type Handlers = {
  readonly onManifest: (manifest: Manifest) => void
  /** The server answers again after it did not. */
  readonly onOnline: () => void
  readonly onTrouble: (code: ErrorCode) => void
  /** What the screen says of itself now. */
  readonly describe: () => Omit<Report, 'problem' | 'began'>
}

type Problem = NonNullable<Report['problem']>
type Began = NonNullable<Report['began']>[number]

/** Ask anew so long before the addresses of the media end. */
const refreshMarginMs = 10 * 60_000
/** What began while nobody heard it; older ones are forgotten. */
const keptPlays = 200
const longestTimerMs = 24 * 60 * 60_000

/**
 * Keeps a paired screen at the newest manifest. Each sign of a newer revision (notice, answer to a report, time) only
 * says that it is worth asking, so a lost one costs nothing.
 */
export class Connection {
  online = false
  readonly #api: Api
  readonly #handlers: Handlers
  readonly #ended = new AbortController()
  #revision = -1
  #wanted = 0
  #fetching = false
  #reporting = false
  #problems: Problem[] = []
  #began: Began[] = []
  #reportWanted = false
  #refreshTimer = 0

  constructor(api: Api, handlers: Handlers) {
    this.#api = api
    this.#handlers = handlers
  }

  /** Resolves when the server does not know this screen, or no longer. */
  async run(): Promise<void> {
    const signal = this.#ended.signal
    const heart = setInterval(() => this.report(), heartbeatMs)
    this.refresh()
    await Promise.all([
      this.#listen(signal),
      new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())),
    ])
    clearInterval(heart)
    clearTimeout(this.#refreshTimer)
  }

  /** Asks for the manifest, whose addresses may have ended. */
  refresh(): void {
    void this.#fetchManifest()
  }

  /** Says soon how the screen is; problems, and what began, are kept until they were heard. */
  report({ problem, began }: { readonly problem?: Problem; readonly began?: Began } = {}): void {
    if (problem) this.#problems = [...this.#problems.slice(-9), problem]
    if (began) this.#began = [...this.#began.slice(1 - keptPlays), began]
    this.#reportWanted = true
    if (!this.#reporting && this.#revision >= 0) void this.#sendReports()
  }

  async #listen(signal: AbortSignal): Promise<void> {
    for (let attempt = 0; !signal.aborted; attempt++) {
      await this.#subscribe(signal, () => {
        attempt = 0
        this.#answered()
      })
      await sleep(backOff(attempt), signal)
    }
  }

  /** One subscription until it ends; the browser itself reconnects it after short losses. */
  #subscribe(signal: AbortSignal, onStarted: () => void): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        signal.removeEventListener('abort', end)
        subscription.unsubscribe()
        resolve()
      }
      const subscription = this.#api.live.screen.subscribe(
        {},
        {
          onStarted,
          onData: ({ data }) => this.#hear(data),
          onConnectionStateChange: ({ state }) => {
            if (state === 'connecting') this.online = false
          },
          onStopped: end,
          onError: (error) => {
            this.#failed(error)
            end()
          },
        },
      )
      signal.addEventListener('abort', end)
    })
  }

  #hear(notice: ScreenNotice): void {
    if (notice.kind === 'revoked') this.#ended.abort()
    else this.#want(notice.revision)
  }

  #want(revision: number): void {
    this.#wanted = Math.max(this.#wanted, revision)
    if (this.#wanted > this.#revision) void this.#fetchManifest()
  }

  async #fetchManifest(): Promise<void> {
    if (this.#fetching) return
    this.#fetching = true
    for (let attempt = 0; !this.#ended.signal.aborted; attempt++) {
      try {
        this.#adopt(await this.#api.player.manifest.query())
        if (this.#revision >= this.#wanted) break
        await sleep(attempt === 0 ? 0 : backOff(attempt), this.#ended.signal)
      } catch (error) {
        this.#failed(error)
        await sleep(backOff(attempt), this.#ended.signal)
      }
    }
    this.#fetching = false
  }

  #adopt(manifest: unknown): void {
    if (!isManifest(manifest)) throw new TypeError('The manifest is of a kind that this player does not know')
    this.#answered()
    // Two answers can overtake each other; the screen never goes back.
    if (manifest.revision < this.#revision) return
    this.#revision = manifest.revision
    this.#handlers.onManifest(manifest)
    const life = manifest.refreshBefore - manifest.serverTime
    const wait = Math.min(
      longestTimerMs,
      Math.max(60_000, life - Math.min(refreshMarginMs, life / 4) * (1 + Math.random())),
    )
    clearTimeout(this.#refreshTimer)
    this.#refreshTimer = window.setTimeout(() => void this.#fetchManifest(), wait)
  }

  async #sendReports(): Promise<void> {
    this.#reporting = true
    while (this.#reportWanted && !this.#ended.signal.aborted) {
      this.#reportWanted = false
      const problem = this.#problems[0]
      const began = this.#began
      try {
        const { revision } = await this.#api.player.report.mutate({
          ...this.#handlers.describe(),
          ...(problem && { problem }),
          began,
        })
        this.#began = this.#began.filter((one) => !began.includes(one))
        if (problem) this.#problems = this.#problems.slice(1)
        this.#reportWanted ||= this.#problems.length > 0
        this.#answered()
        this.#want(revision)
      } catch (error) {
        // The next heartbeat tries again.
        this.#failed(error)
        if (codeOf(error) !== 'bad-input') continue
        this.#problems = this.#problems.slice(1)
        this.#began = this.#began.filter((one) => !began.includes(one))
      }
    }
    this.#reporting = false
  }

  #answered(): void {
    if (this.online) return
    this.online = true
    this.#handlers.onOnline()
  }

  /** Only a clear "who are you" ends the connection: with everything else the screen plays on and asks again. */
  #failed(error: unknown): void {
    const code = codeOf(error)
    if (code === 'not-signed-in') this.#ended.abort()
    else this.#handlers.onTrouble(code)
    if (code === 'unavailable') this.online = false
  }
}
