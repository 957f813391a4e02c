import type { Change, ScreenNotice } from '@marquee/shared/live.ts'
import { type Actor, ensureCan, type ScreenActor } from '../../access.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import type { Events } from '../../events/events.ts'
import { makeBell } from '../../lib/bell.ts'
import { onePer } from '../../lib/one-per.ts'
import { noteSeen } from '../screens/reports.usecases.ts'
import { isPaired } from '../screens/screens.usecases.ts'
import { findNewestRevision, throwIfStopping } from './announce.usecases.ts'

const recheckMs = 30_000

type Resume = { readonly lastEventId?: string | null | undefined; readonly signal?: AbortSignal | undefined }
type Recheck = { readonly recheck: () => Promise<Actor> }

/** What changes in the actor's tenant, as long as the actor has access; see `change` in `shared/live.ts`. */
export async function* watchChanges(
  deps: Deps,
  actor: Actor,
  { signal, lastEventId, recheck }: Resume & Recheck,
): AsyncGenerator<[string, Change]> {
  const lost = new AbortController()
  const check = () =>
    recheck()
      .then((now) => ensureSame(actor, now))
      .catch((error: unknown) => lost.abort(error))
  const stopChecking = keepChecking(deps, actor.tenantId, check)
  try {
    const newest = await deps.events.lastId()
    const resumed = afterId(lastEventId, newest)
    if (resumed === null) yield [String(newest), { kind: 'reset', subjectId: null, revision: null }]
    const either = signal ? AbortSignal.any([signal, lost.signal]) : lost.signal
    for await (const event of deps.events.subscribe(actor.tenantId, { afterId: resumed ?? newest, signal: either })) {
      // Waited for, so that nothing that came after it is told to whom it no longer concerns.
      if (event.kind === 'access.changed') await check()
      if (lost.signal.aborted) break
      yield [String(event.id), toChange(event)]
    }
    lost.signal.throwIfAborted()
    throwIfStopping(deps)
  } finally {
    stopChecking()
  }
}

/** Null for a fresh start: no id, none of ours, or one of a future that a restored database does not know. */
function afterId(lastEventId: string | null | undefined, newest: number): number | null {
  const id = lastEventId && /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : null
  return id !== null && id <= newest ? id : null
}

function toChange(event: { kind: Change['kind']; subjectId?: string | null; revision?: number | null }): Change {
  return { kind: event.kind, subjectId: event.subjectId ?? null, revision: event.revision ?? null }
}

function ensureSame(before: Actor, now: Actor): void {
  ensureCan(now, 'screens:read')
  if (now.tenantId === before.tenantId) return
  throw new AppError('not-allowed', 'You look at another tenant now. Subscribe again', { reason: 'other-tenant' })
}

type Check = { readonly tenantId: string; readonly run: () => Promise<void> }

/** Subscriptions whose access is looked up again when somebody's ended, and now and then for what has no event (expiry). */
const checks = onePer((events: Events) => {
  const all = new Set<Check>()
  const runAll = (tenantId: string | null) => {
    for (const check of all) if (tenantId === null || tenantId === check.tenantId) void check.run()
  }
  events.listen(({ kind, tenantId }) => {
    // Events without a tenant are of people in none.
    if (kind === 'access.changed') runAll(tenantId === '' ? null : tenantId)
  })
  return { all, runAll, timer: undefined as ReturnType<typeof setInterval> | undefined }
})

/** One timer for all subscriptions. Returns the way to stop. */
function keepChecking(deps: Deps, tenantId: string, run: Check['run']): () => void {
  const state = checks(deps.events)
  const check = { tenantId, run }
  state.all.add(check)
  state.timer ??= setInterval(() => state.runAll(null), recheckMs)
  return () => {
    state.all.delete(check)
    if (state.all.size > 0) return
    clearInterval(state.timer)
    state.timer = undefined
  }
}

/** A connected screen: woken when its tenant's revision grows or when it may have been revoked. */
export type Watcher = { readonly screenId: string; revision: number; accessChanged: boolean; readonly ring: () => void }

/** Connected screens by tenant. Only what concerns screens wakes them: their own thousand reports do not. */
const watchers = onePer((events: Events) => {
  const byTenant = new Map<string, Set<Watcher>>()
  events.listen(({ tenantId, kind, subjectId, revision }) => {
    for (const watcher of byTenant.get(tenantId) ?? []) {
      const mine = kind === 'access.changed' && (subjectId === null || subjectId === watcher.screenId)
      if (mine) watcher.accessChanged = true
      if (revision !== null) watcher.revision = Math.max(watcher.revision, revision)
      if (mine || revision !== null) watcher.ring()
    }
  })
  return byTenant
})

/** Open subscriptions of this process. */
export function countSubscriptions(deps: Deps): { panel: number; screen: number } {
  const screen = [...watchers(deps.events).values()].reduce((sum, all) => sum + all.size, 0)
  return { panel: checks(deps.events).all.size, screen }
}

/** Has a screen woken from now on. Returns the way to stop. */
export function joinScreens(deps: Deps, tenantId: string, watcher: Watcher): () => void {
  const byTenant = watchers(deps.events)
  const all = byTenant.get(tenantId) ?? new Set()
  byTenant.set(tenantId, all.add(watcher))
  return () => {
    all.delete(watcher)
    if (all.size === 0 && byTenant.get(tenantId) === all) byTenant.delete(tenantId)
  }
}

/** The newest revision at once, then each newer one; of several quick ones the last. The id of a message is its revision. */
export async function* watchScreen(
  deps: Deps,
  actor: ScreenActor,
  { signal }: Resume,
): AsyncGenerator<[string, ScreenNotice]> {
  const bell = makeBell(signal, deps.events.closed)
  const watcher: Watcher = { screenId: actor.screenId, revision: 0, accessChanged: true, ring: bell.ring }
  // Joined before the revision is read, so that none falls between.
  const leave = joinScreens(deps, actor.tenantId, watcher)
  try {
    watcher.revision = Math.max(watcher.revision, await findNewestRevision(deps, actor.tenantId))
    noteSeen(deps, actor)
    for (let said = 0; !bell.isOver(); await bell.next()) {
      if (watcher.accessChanged) {
        watcher.accessChanged = false
        if (!(await isPaired(deps, actor))) {
          yield ['revoked', { kind: 'revoked' }]
          return
        }
      }
      if (watcher.revision <= said) continue
      said = watcher.revision
      yield [String(said), { kind: 'revision', revision: said }]
    }
    throwIfStopping(deps)
  } finally {
    leave()
    bell.stop()
  }
}
