import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { onePer } from '../lib/one-per.ts'

export type Readiness = { readonly ok: boolean; readonly checks: Readonly<Record<string, string>> }

const minFreeBytes = 64 * 1024 * 1024
/** So long an answer holds: probes of many kinds cost one look. */
const holdsMs = 2_000
/** A part that says nothing for this long is not ready, whatever it says later. */
const patienceMs = 2_000

const last = onePer((_db: Deps['db']) => ({ at: Number.NEGATIVE_INFINITY, state: null as Promise<Readiness> | null }))

/** Whether the server can do its work: each part named, `ok` or why not. At most some seconds old. */
export function readiness(deps: Deps): Promise<Readiness> {
  const known = last(deps.db)
  const now = deps.clock.now().getTime()
  if (!known.state || now - known.at >= holdsMs || now < known.at) {
    known.at = now
    known.state = look(deps)
  }
  return known.state
}

async function look(deps: Deps): Promise<Readiness> {
  const check = async (name: string, work: () => Promise<unknown>) => {
    try {
      const answer = await withinPatience(work())
      return typeof answer === 'string' ? answer : 'ok'
    } catch (error) {
      deps.log.warn({ err: error, check: name }, 'A check of readiness failed')
      return reasonOf(error)
    }
  }
  const [database, storage, disk] = await Promise.all([
    check('database', () => deps.db.ping()),
    check('storage', () => deps.storage.ping()),
    check('disk', async () => {
      const free = await deps.storage.freeBytes()
      return free !== null && free < minFreeBytes ? `Only ${Math.round(free / 1024 / 1024)} MB are free` : 'ok'
    }),
  ])
  const checks = { database, storage, disk }
  return { ok: Object.values(checks).every((state) => state === 'ok'), checks }
}

function withinPatience<T>(work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new AppError('unavailable', 'It does not answer')), patienceMs)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

/** Anybody may ask, so only sentences of our own leave; the rest is in the log. */
function reasonOf(error: unknown): string {
  const isOurs = error instanceof AppError || (error instanceof Error && error.name === 'DbError')
  if (isOurs) return error.message
  const code = error instanceof Error && error.name === 'StorageError' && 'code' in error ? ` (${error.code})` : ''
  return `It does not work${code}. The log says why`
}
