import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { countSubscriptions } from '../features/live/live.usecases.ts'
import { countScreens } from '../features/screens/screens.count.usecases.ts'
import { newRequestId } from '../lib/id.ts'
import type { Standing } from '../telemetry/telemetry.ts'
import { problem } from './answers.ts'
import { readiness } from './health.ts'

const patienceMs = 2_000
/** What proxies add to a request. */
const traces = ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'forwarded', 'via']

/** The caller's own socket, before any belief in what proxies say. */
export type Peer = { readonly address: string }

/**
 * Counts for Prometheus: to programs of this machine without more, and to whoever sends the token of the settings. Others
 * learn nothing, not even that there is something.
 */
export async function answerMetrics(deps: Deps, request: Request, peer: Peer): Promise<Response> {
  const refusal = refuse(deps, request, peer)
  if (refusal) return problem(refusal, newRequestId())
  const { type, text } = await deps.metrics.render(await standing(deps))
  return new Response(request.method === 'HEAD' ? null : text, {
    headers: { 'content-type': type, 'cache-control': 'no-store' },
  })
}

function refuse(deps: Deps, request: Request, peer: Peer): AppError | null {
  const { metricsToken } = deps.config.server
  const [, given] = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '') ?? []
  if (given !== undefined) {
    if (metricsToken !== undefined && isSame(deps, given, metricsToken)) return null
    return new AppError('wrong-credentials', 'This is not the token of MARQUEE_METRICS_TOKEN')
  }
  if (isOfThisMachine(deps, request, peer)) return null
  return metricsToken === undefined
    ? new AppError('not-found', 'There is nothing at "/metrics"')
    : new AppError('not-signed-in', 'Send the token of MARQUEE_METRICS_TOKEN as "Authorization: Bearer …"')
}

/** In the same time whatever is given. */
function isSame({ secret }: Deps, given: string, wanted: string): boolean {
  return secret.verify('metrics-token', wanted, secret.sign('metrics-token', given))
}

/**
 * A proxy on this machine also comes from loopback, so nothing may tell of one: no header, no foreign host name, and
 * no public address without the number of proxies, since then one may be there that adds no header.
 */
function isOfThisMachine({ config }: Deps, request: Request, { address }: Peer): boolean {
  const { publicUrl, trustProxy } = config.server
  if (!/^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/.test(address)) return false
  if (traces.some((name) => request.headers.has(name)) || request.headers.has('origin')) return false
  if (!isLoopbackName(request.headers.get('host') ?? new URL(request.url).host)) return false
  return publicUrl === undefined || trustProxy > 0 || isLoopbackName(new URL(publicUrl).host)
}

function isLoopbackName(host: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i.test(host)
}

async function standing(deps: Deps): Promise<Standing> {
  const [screens, jobs, storageFreeBytes, ready] = await Promise.all([
    inTime(countScreens(deps)),
    inTime(deps.jobs.queues()),
    inTime(deps.storage.freeBytes()),
    inTime(readiness(deps)),
  ])
  return {
    subscriptions: countSubscriptions(deps),
    ...(screens && { screens }),
    ...(jobs && { jobs }),
    ...(storageFreeBytes !== undefined && { storageFreeBytes }),
    ...(ready && {
      ready: Object.fromEntries(Object.entries(ready.checks).map(([name, said]) => [name, said === 'ok'])),
    }),
  }
}

/** Undefined for what fails or takes too long: the rest is worth having, most of all then. */
async function inTime<T>(work: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), patienceMs)
  })
  return Promise.race([work.catch(() => undefined), late]).finally(() => clearTimeout(timer))
}
