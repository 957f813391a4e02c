import { pairingLifetimeMs } from '@marquee/shared/screen-times.ts'
import { type Api, codeOf } from './api.ts'
import type { Pages } from './pages.ts'
import { backOff, sleep } from './waiting.ts'

const pollMs = 5_000

/** Shows a code, and a new one when it ends; resolves when somebody confirmed one and the device cookie is here. */
export async function pair(api: Api, pages: Pages): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      const started = await api.player.startPairing.mutate()
      attempt = 0
      pages.showCode(started)
      const isPaired = await untilDecided(api, pages, lifeOf(started.expiresAt))
      pages.showCode(null)
      if (isPaired) return
    } catch (error) {
      pages.showCode(null)
      pages.showProblem(codeOf(error))
      await sleep(codeOf(error) === 'too-many-attempts' ? 60_000 : backOff(attempt))
    }
  }
}

/** True when paired, false when the code ended. */
async function untilDecided(api: Api, pages: Pages, lifeMs: number): Promise<boolean> {
  const over = new AbortController()
  const endsAt = performance.now() + lifeMs
  const tick = () => pages.showRemaining(endsAt - performance.now())
  tick()
  const ticking = setInterval(tick, 1000)
  try {
    return await Promise.race([poll(api, endsAt, over.signal), listen(api, over.signal)])
  } finally {
    clearInterval(ticking)
    over.abort()
  }
}

/** The slow way, for networks that hold back what the server says by itself. */
async function poll(api: Api, endsAt: number, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    await sleep(pollMs, signal)
    if (signal.aborted) break
    const state = await ask(api)
    if (state === 'paired') return true
    if (state === 'expired' || performance.now() > endsAt + 2 * pollMs) return false
  }
  return false
}

/** Hears of the confirmation at once. The answer to the question that follows carries the device cookie. */
async function listen(api: Api, signal: AbortSignal): Promise<boolean> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    await heard(api, signal)
    if (signal.aborted) break
    const state = await ask(api)
    if (state === 'paired' || state === 'expired') return state === 'paired'
    await sleep(backOff(attempt), signal)
  }
  return false
}

/** Resolves when the server says that something happened, or when the subscription ends. */
function heard(api: Api, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      signal.removeEventListener('abort', end)
      subscription.unsubscribe()
      resolve()
    }
    const subscription = api.live.pairing.subscribe(
      {},
      {
        onData: ({ data }) => {
          if (data.state !== 'waiting') end()
        },
        onError: end,
        onStopped: end,
      },
    )
    signal.addEventListener('abort', end)
  })
}

async function ask(api: Api): Promise<'waiting' | 'paired' | 'expired'> {
  try {
    return (await api.player.pairingState.mutate()).state
  } catch {
    return 'waiting'
  }
}

/** A new screen's clock may be wrong, so an end that makes no sense is taken as a whole life. */
function lifeOf(expiresAt: string): number {
  const left = Date.parse(expiresAt) - Date.now()
  return left > 0 && left <= pairingLifetimeMs ? left : pairingLifetimeMs
}
