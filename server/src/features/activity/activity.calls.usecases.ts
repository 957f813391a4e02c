import type { Actor } from '../../access.ts'
import type { Row } from '../../db/rows.ts'
import type { Deps } from '../../deps.ts'
import type { Events } from '../../events/events.ts'
import { newId } from '../../lib/id.ts'
import { makeTurns } from '../../lib/in-turn.ts'
import { onePer } from '../../lib/one-per.ts'
import { addActivities } from './activity.queries.ts'
import { actorId } from './activity.usecases.ts'

/** Calls wait this long to be written together: a sync of the disk for each would cost more than most calls. */
const flushMs = 1_000
/** More wait only while the database can't be written; then the oldest are lost, which the log says. */
const maxPending = 5_000
const maxArguments = 500

/** One call of a tool, as the activity tells it. */
export type ToolCall = {
  readonly tool: string
  /** `ok`, or the code of the error that it ended with. */
  readonly outcome: string
  readonly dryRun: boolean
  /** As JSON. */
  readonly arguments: string
}

type Pending = { readonly row: Row<'activity'>; times: number }

const memory = onePer((_events: Events) => ({
  pending: new Map<string, Pending>(),
  inTurn: makeTurns(),
  timer: undefined as ReturnType<typeof setTimeout> | undefined,
  closed: false,
}))

/**
 * Notes that a tool was called, reads too, for the activity of the actor's tenant. The same call again within the second
 * is counted in the same row.
 */
export function noteToolCall(deps: Deps, actor: Actor, call: ToolCall): void {
  const state = memory(deps.events)
  const same = JSON.stringify([actor.tenantId, actorId(actor), call])
  const before = state.pending.get(same)
  if (before) before.times++
  else state.pending.set(same, { row: toRow(deps, actor, call), times: 1 })
  if (state.pending.size > maxPending) dropOldest(deps, state.pending)
  arm(deps)
}

function toRow(deps: Deps, actor: Actor, call: ToolCall): Row<'activity'> {
  const { arguments: given, outcome, dryRun } = call
  return {
    id: newId(),
    tenantId: actor.tenantId,
    action: 'tool.call',
    actorKind: actor.kind,
    actorId: actorId(actor),
    actorName: actor.name,
    subjectKind: 'tool',
    subjectId: null,
    subjectName: call.tool.slice(0, 100),
    detail: {
      outcome,
      ...(dryRun && { dryRun }),
      arguments: given.length > maxArguments ? `${given.slice(0, maxArguments)}…` : given,
    },
    createdAt: deps.clock.now(),
  }
}

function dropOldest(deps: Deps, pending: Map<string, Pending>): void {
  const [oldest] = pending.keys()
  if (oldest === undefined) return
  pending.delete(oldest)
  deps.log.warn({}, 'A tool call is lost to the activity: too many wait to be written')
}

function arm(deps: Deps): void {
  const state = memory(deps.events)
  if (state.closed) return
  state.timer ??= setTimeout(
    () =>
      void flushToolCalls(deps).catch((err) =>
        deps.log.warn({ err }, 'Tool calls could not be written to the activity; it is tried again'),
      ),
    flushMs,
  )
}

/** Writes what was called since the last time, in one transaction. */
export function flushToolCalls(deps: Deps): Promise<void> {
  const state = memory(deps.events)
  clearTimeout(state.timer)
  state.timer = undefined
  return state.inTurn(async () => {
    if (state.pending.size === 0) return
    const writing = state.pending
    state.pending = new Map()
    const rows = [...writing.values()].map(({ row, times }) =>
      times === 1 ? row : { ...row, detail: { ...row.detail, times } },
    )
    try {
      await deps.db.write((tx) => addActivities(tx, rows))
    } catch (error) {
      // Under keys of their own: what came meanwhile is counted anew.
      state.pending = new Map([...[...writing.values()].map((one) => [one.row.id, one] as const), ...state.pending])
      arm(deps)
      throw error
    }
  })
}

/** Writes what is left; before the database closes. */
export async function closeToolCalls(deps: Deps): Promise<void> {
  memory(deps.events).closed = true
  await flushToolCalls(deps)
}
