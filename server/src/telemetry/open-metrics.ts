import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Metrics, Standing } from './telemetry.ts'

/** From a cache's answer to a film that is judged and hashed, in seconds. */
const callBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30]
/** Seconds. */
const queryBuckets = [0.0002, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5]

/** Metrics of one server by prom-client; with `ofProcess` also memory, CPU and the delay of the event loop. */
export function openMetrics({ ofProcess = false } = {}): Metrics {
  const registry = new Registry()
  if (ofProcess) collectDefaultMetrics({ register: registry })
  const showStanding = standingGauges(registry)
  return {
    ...callMetrics(registry),
    ...byteMetrics(registry),
    ...databaseMetrics(registry),
    async render(standing) {
      showStanding(standing)
      return { type: registry.contentType, text: await registry.metrics() }
    },
  }
}

function callMetrics(registry: Registry): Pick<Metrics, 'called' | 'answered' | 'limited'> {
  const registers = [registry]
  const calls = new Counter({
    name: 'marquee_calls_total',
    help: 'Calls of procedures by every door, by how they ended',
    labelNames: ['procedure', 'code'],
    registers,
  })
  const seconds = new Histogram({
    name: 'marquee_call_seconds',
    help: 'How long calls of procedures took',
    labelNames: ['procedure'],
    buckets: callBuckets,
    registers,
  })
  const requests = new Counter({
    name: 'marquee_http_requests_total',
    help: 'Answers by group of addresses and status; media that go well by the short way are not among them',
    labelNames: ['route', 'status'],
    registers,
  })
  const limited = new Counter({
    name: 'marquee_rate_limited_total',
    help: 'Requests refused for coming too often, by whose bucket was empty',
    labelNames: ['by'],
    registers,
  })
  for (const by of ['address', 'person', 'key', 'screen', 'tenant']) limited.inc({ by }, 0)
  return {
    called(procedure, code, ms) {
      calls.inc({ procedure, code })
      seconds.observe({ procedure }, ms / 1000)
    },
    answered: (route, status) => requests.inc({ route, status }),
    limited: (by) => limited.inc({ by }),
  }
}

function byteMetrics(registry: Registry): Pick<Metrics, 'received' | 'delivered'> {
  const registers = [registry]
  const received = new Counter({ name: 'marquee_upload_bytes_total', help: 'Bytes that the storage took', registers })
  const delivered = new Counter({
    name: 'marquee_download_bytes_total',
    help: 'Bytes of media that went to clients',
    registers,
  })
  return { received: (bytes) => received.inc(bytes), delivered: (bytes) => delivered.inc(bytes) }
}

function databaseMetrics(registry: Registry): Pick<Metrics, 'queried' | 'databaseFailed'> {
  const registers = [registry]
  const seconds = new Histogram({
    name: 'marquee_database_seconds',
    help: 'Reads, and whole transactions with their wait',
    labelNames: ['kind'],
    buckets: queryBuckets,
    registers,
  })
  const errors = new Counter({
    name: 'marquee_database_errors_total',
    help: 'Failures of the database itself',
    labelNames: ['code'],
    registers,
  })
  for (const code of ['locked', 'full', 'unavailable', 'other']) errors.inc({ code }, 0)
  return {
    queried: (kind, ms) => seconds.observe({ kind }, ms / 1000),
    databaseFailed: (code) => errors.inc({ code }),
  }
}

/** Gauges that are set when somebody asks; what is not known then has no value, rather than an old one. */
function standingGauges(registry: Registry): (standing: Standing) => void {
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers: [registry] })
  const all = {
    screens: gauge('marquee_screens', 'Paired screens'),
    online: gauge('marquee_screens_online', 'Screens that were heard of within the last 45 s'),
    subscriptions: gauge('marquee_subscriptions', 'Open subscriptions of this process', ['kind']),
    due: gauge('marquee_jobs_due', 'Background work that is due and not done', ['kind']),
    oldest: gauge('marquee_jobs_oldest_seconds', 'How long the oldest due work waits', ['kind']),
    failed: gauge('marquee_jobs_failed', 'Background work given up after its last try', ['kind']),
    free: gauge('marquee_storage_free_bytes', 'Free bytes where media are stored'),
    ready: gauge('marquee_ready', 'Checks of /readyz: 1 where it passes', ['check']),
  }
  return ({ screens, subscriptions, jobs, storageFreeBytes, ready }) => {
    for (const one of Object.values(all)) one.reset()
    for (const one of [all.screens, all.online, all.free]) one.remove()
    if (screens) all.screens.set(screens.paired)
    if (screens) all.online.set(screens.online)
    for (const [kind, count] of Object.entries(subscriptions ?? {})) all.subscriptions.set({ kind }, count)
    for (const { kind, due, oldestMs, failed } of jobs ?? []) {
      all.due.set({ kind }, due)
      all.oldest.set({ kind }, oldestMs / 1000)
      all.failed.set({ kind }, failed)
    }
    if (typeof storageFreeBytes === 'number') all.free.set(storageFreeBytes)
    for (const [check, passes] of Object.entries(ready ?? {})) all.ready.set({ check }, passes ? 1 : 0)
  }
}
