import { offlineAfterMs, type Report } from '@marquee/shared/screens.ts'
import type { ScreenActor } from '../../access.ts'
import type { ScreenRow } from '../../db/rows.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import type { Events } from '../../events/events.ts'
import { makeTurns } from '../../lib/in-turn.ts'
import { onePer } from '../../lib/one-per.ts'
import { announce } from '../live/announce.usecases.ts'
import { countPlays, type Play } from './plays.usecases.ts'
import { findScreenAndRevision, type Said, saveSaid } from './screens.queries.ts'

/** Heartbeats wait this long to be written together. */
const flushMs = 2_000
/** Plays that one screen can have waiting; more come only from one that reports without end. */
const maxPlays = 500
/** What a screen says that it played longer ago than this, without network, counts as of now. */
const playsCountForMs = 7 * 24 * 60 * 60 * 1000

/** What a screen said that is not written yet. `visible`: a panel would show something else. */
type Pending = {
  readonly tenantId: string
  readonly seenAt: Date
  readonly said: Omit<Said, 'lastSeenAt'>
  readonly visible: boolean
  /** Ads that began on it, not counted yet. */
  readonly plays: readonly Play[]
}

const memory = onePer((_events: Events) => ({
  pending: new Map<string, Pending>(),
  /** Those of `pending` that are being written. */
  writing: new Map<string, Pending>(),
  /** Screens that this process heard of lately, and when they fall silent. */
  alive: new Map<string, { tenantId: string; until: number }>(),
  inTurn: makeTurns(),
  timer: undefined as ReturnType<typeof setTimeout> | undefined,
  closed: false,
}))

/** Why a screen that was taken away is refused: the player then shows a code. */
export function noLongerPaired(): AppError {
  return new AppError('not-signed-in', 'This screen is not paired any more. Pair it again with the code that it shows')
}

/** Takes a screen's word of itself, and answers the newest revision. */
export async function reportScreen(deps: Deps, actor: ScreenActor, report: Report): Promise<{ revision: number }> {
  const found = await findScreenAndRevision(deps.db.read, actor.screenId)
  if (!found) throw noLongerPaired()
  const before = withSaid(deps, found.screen)
  const now = deps.clock.now()
  const said = whatChanged(before, report, now)
  const plays = playsOf(report, said, now).map((play) => ({ ...play, screenName: found.screen.name }))
  const isNews = said.revision !== undefined || Boolean(said.problem) || !isOnline(before, now)
  const visible = isNews || Object.keys(said).length > 0
  note(deps, actor, { tenantId: actor.tenantId, seenAt: now, said, visible, plays })
  if (isNews) await flushReports(deps)
  return { revision: found.revision }
}

/** A screen that opened its subscription is alive, before its first report too. */
export function noteSeen(deps: Deps, actor: ScreenActor): void {
  const visible = !memory(deps.events).alive.has(actor.screenId)
  note(deps, actor, { tenantId: actor.tenantId, seenAt: deps.clock.now(), said: {}, visible, plays: [] })
}

function whatChanged(before: ScreenRow, report: Report, now: Date): Pending['said'] {
  const { revision, adId, width = before.width, height = before.height, playerVersion = before.playerVersion } = report
  return {
    ...(revision !== before.revision && { revision }),
    ...(adId !== before.adId && { adId }),
    ...(width !== before.width && { width }),
    ...(height !== before.height && { height }),
    ...(playerVersion !== before.playerVersion && { playerVersion }),
    ...newProblem(before.problem, report, now),
  }
}

/** What began, as the screen counts it; a player of before says only what is on. */
function playsOf({ began }: Report, { adId }: Pending['said'], now: Date): Omit<Play, 'screenName'>[] {
  if (!began) return adId ? [{ adId, at: now }] : []
  const oldest = now.getTime() - playsCountForMs
  // A screen's clock can be wrong.
  return began.map(({ adId, at }) => ({ adId, at: at > oldest && at < now.getTime() ? new Date(at) : now }))
}

function newProblem(before: ScreenRow['problem'], { problem, adId }: Report, now: Date): Pick<Said, 'problem'> {
  if (problem) {
    const isSame = before?.adId === problem.adId && before.reason === problem.reason
    return isSame ? {} : { problem: { ...problem, at: now.getTime() } }
  }
  const isOver = problem === null || (adId !== null && adId === before?.adId)
  return before && isOver ? { problem: null } : {}
}

function isOnline(screen: ScreenRow, now: Date): boolean {
  return screen.lastSeenAt !== null && now.getTime() - screen.lastSeenAt.getTime() < offlineAfterMs
}

function note(deps: Deps, { screenId }: ScreenActor, next: Pending): void {
  const state = memory(deps.events)
  state.pending.set(screenId, join(state.pending.get(screenId), next))
  state.alive.set(screenId, { tenantId: next.tenantId, until: next.seenAt.getTime() + offlineAfterMs })
  arm(deps)
}

function join(before: Pending | undefined, next: Pending): Pending {
  if (!before) return next
  return {
    ...next,
    said: { ...before.said, ...next.said },
    visible: before.visible || next.visible,
    plays: [...before.plays, ...next.plays].slice(-maxPlays),
  }
}

/** One timer for all screens, and none while no screen is alive. */
function arm(deps: Deps): void {
  const state = memory(deps.events)
  if (state.closed) return
  state.timer ??= setTimeout(async () => {
    await flushReports(deps).catch((err) =>
      deps.log.warn({ err }, 'What screens reported could not be written; it is tried again'),
    )
    if (state.alive.size > 0 || state.pending.size > 0) arm(deps)
  }, flushMs)
}

/**
 * Writes what screens said since the last time, all in one transaction, and tells panels of screens that fell silent.
 * Whoever asks while one is written is part of the next one.
 */
export function flushReports(deps: Deps): Promise<void> {
  const state = memory(deps.events)
  clearTimeout(state.timer)
  state.timer = undefined
  return state.inTurn(async () => {
    const silent = takeSilent(deps)
    state.writing = state.pending
    state.pending = new Map()
    try {
      if (state.writing.size > 0 || silent.length > 0) await write(deps, state.writing, silent)
    } catch (error) {
      for (const [id, entry] of state.pending) state.writing.set(id, join(state.writing.get(id), entry))
      state.pending = state.writing
      throw error
    } finally {
      state.writing = new Map()
      if (state.alive.size > 0 || state.pending.size > 0) arm(deps)
    }
  })
}

/** Writes what is left; before the database closes. */
export async function closeReports(deps: Deps): Promise<void> {
  memory(deps.events).closed = true
  await flushReports(deps)
}

type Silent = { readonly screenId: string; readonly tenantId: string }

function takeSilent(deps: Deps): Silent[] {
  const { alive } = memory(deps.events)
  const now = deps.clock.now().getTime()
  const silent = [...alive]
    .filter(([, { until }]) => until <= now)
    .map(([screenId, { tenantId }]) => ({ screenId, tenantId }))
  for (const { screenId } of silent) alive.delete(screenId)
  return silent
}

async function write(deps: Deps, all: ReadonlyMap<string, Pending>, silent: readonly Silent[]): Promise<void> {
  const news = new Map<string, string[]>()
  const addNews = (tenantId: string, screenId: string) => news.set(tenantId, [...(news.get(tenantId) ?? []), screenId])
  for (const [screenId, { tenantId, visible }] of all) if (visible) addNews(tenantId, screenId)
  for (const { tenantId, screenId } of silent) addNews(tenantId, screenId)
  await deps.db.write(async (tx) => {
    for (const group of groupEqual(all)) await saveSaid(tx, group)
    await countPlays(
      tx,
      [...all].flatMap(([screenId, { tenantId, plays }]) => plays.map((play) => ({ ...play, tenantId, screenId }))),
    )
    for (const [tenantId, ids] of news) {
      const subjectId = ids.length === 1 ? (ids[0] ?? null) : null
      await announce(deps, { tx, tenantId, kind: 'screen.reported', subjectId, forScreens: false })
    }
  })
}

/** Screens that said the same, for one statement each: most said only that they are alive. */
function groupEqual(all: ReadonlyMap<string, Pending>): { ids: string[]; said: Said }[] {
  const lastSeenAt = new Date(Math.max(...[...all.values()].map(({ seenAt }) => seenAt.getTime())))
  const groups = new Map<string, { ids: string[]; said: Said }>()
  // Sorted, so that two processes that write the same screens do not wait for each other in a ring.
  for (const [id, { said }] of [...all].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const key = JSON.stringify(said)
    const group = groups.get(key) ?? { ids: [], said: { ...said, lastSeenAt } }
    group.ids.push(id)
    groups.set(key, group)
  }
  return [...groups.values()]
}

/** The row with what the screen said since it was written. */
export function withSaid(deps: Deps, row: ScreenRow): ScreenRow {
  const { writing, pending } = memory(deps.events)
  let said = row
  for (const entry of [writing.get(row.id), pending.get(row.id)])
    if (entry) said = { ...said, ...entry.said, lastSeenAt: entry.seenAt }
  return said
}
