import type { Actor } from './access.ts'
import type { Deps } from './deps.ts'
import { AppError } from './errors.ts'
import { makeFairTurns } from './lib/fair-turns.ts'
import { onePer } from './lib/one-per.ts'
import { tokenBuckets } from './lib/token-buckets.ts'

const buckets = onePer(({ limits }: Deps['config']) => ({
  address: tokenBuckets(limits.rateAddress),
  person: tokenBuckets(limits.ratePerson),
  key: tokenBuckets(limits.rateKey),
  screen: tokenBuckets(limits.rateScreen),
  tenant: tokenBuckets(limits.rateAddress),
}))
type By = keyof ReturnType<typeof buckets>

/** Counts a request of an address, whoever it comes from; throws `rate-limited` where too many come. */
export function limitAddress(deps: Deps, address: string): void {
  limit(deps, 'address', networkOf(address))
}

/** Counts a call of a person, key or screen. The command line and the server itself are not counted. */
export function limitCaller(deps: Deps, caller: Actor | { readonly userId: string }): void {
  if (!('kind' in caller) || caller.kind === 'person') limit(deps, 'person', caller.userId)
  else if (caller.kind === 'key') limit(deps, 'key', caller.keyId)
  else if (caller.kind === 'screen') limit(deps, 'screen', caller.screenId)
}

/** Counts a part of an upload; its signed address names no more than the tenant, by the key of its object. */
export function limitParts(deps: Deps, storageKey: string): void {
  limit(deps, 'tenant', storageKey.split('/', 1)[0] ?? '')
}

function limit(deps: Deps, by: By, id: string): void {
  const retryAfter = buckets(deps.config)[by].take(id, deps.clock.now().getTime())
  if (retryAfter === 0) return
  deps.metrics.limited(by)
  throw tooOften(retryAfter, by)
}

function tooOften(retryAfter: number, by: string): AppError {
  const text = `Too many calls from this ${by}. Wait ${retryAfter} s, then send fewer at once`
  return new AppError('rate-limited', text, { detail: { retryAfter, by } })
}

/** Of IPv6 the first 64 bits: the rest is one household's own. */
function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped || !address.includes(':')) return mapped ?? address
  const [head = '', tail] = address.split('::')
  const groups = head.split(':').filter(Boolean)
  // What `::` stands for are zeros; where it comes late, all four are there before it.
  return tail === undefined || groups.length >= 4 ? groups.slice(0, 4).join(':') : `${groups.join(':')}::`
}

/** Reads of SQLite hold the event loop, so more at once would gain nothing; Postgres has its pool. */
const turns = onePer((db: Deps['db']) =>
  makeFairTurns({ atOnce: db.dialect === 'sqlite' ? 2 : 8, sliceMs: 2, maxWaiting: 1_000 }),
)

/** Runs a read in its tenant's turn, so that one tenant's many leave room for another's few. */
export function inTurnOf<T>(deps: Deps, tenantId: string, work: () => Promise<T>): Promise<T> {
  const running = turns(deps.db).run(tenantId, work)
  if (running) return running
  deps.metrics.limited('tenant')
  throw tooOften(1, 'tenant')
}
