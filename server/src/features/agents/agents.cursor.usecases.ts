import type { Actor } from '../../access.ts'
import type { AdPlace } from '../../db/db.ts'
import type { Deps } from '../../deps.ts'
import { actorId } from '../activity/activity.usecases.ts'
import { type InLoop, nextInLoop } from '../ads/ads.loop.usecases.ts'
import { type CursorRow, findCursor, holdCursor, moveCursor, removeCursorsBefore } from './agents.queries.ts'

const keptMs = 90 * 24 * 60 * 60 * 1000

/** Whose place in the loop it is: a key's, or a person's in this tenant. */
function cursorId(actor: Actor): string {
  return actor.kind === 'key' ? actor.keyId : `${actor.tenantId} ${actorId(actor) ?? actor.kind}`
}

function placeOfCursor(row: CursorRow | null): AdPlace | null {
  return row && row.adId !== null && row.position !== null ? { position: row.position, id: row.adId } : null
}

/** Where the caller stands, and how many ads were given so far. */
export async function readCursor(deps: Deps, actor: Actor): Promise<{ place: AdPlace | null; plays: number }> {
  const row = await findCursor(deps.db.read, cursorId(actor))
  return { place: placeOfCursor(row), plays: row?.plays ?? 0 }
}

/** Goes on to the next ad of the loop. The place is kept beside the ad, so it is known when the ad is gone. */
export async function advanceCursor(deps: Deps, actor: Actor): Promise<{ next: InLoop | null; plays: number }> {
  return deps.db.write(async (tx) => {
    const row = await hold(deps, actor, tx)
    const next = await nextInLoop({ ...deps, db: { ...deps.db, read: tx } }, actor, placeOfCursor(row))
    if (!next) return { next, plays: row.plays }
    const plays = row.plays + 1
    await moveCursor(tx, row, { adId: next.place.id, position: next.place.position, plays })
    return { next, plays }
  })
}

/** Notes how many ads there are now, and gives how many there were at the time before. */
export async function noteCount(deps: Deps, actor: Actor, adCount: number): Promise<number> {
  return deps.db.write(async (tx) => {
    const row = await hold(deps, actor, tx)
    await moveCursor(tx, row, { adCount })
    return row.adCount ?? adCount
  })
}

function hold(deps: Deps, actor: Actor, tx: Parameters<typeof holdCursor>[0]): Promise<CursorRow> {
  return holdCursor(tx, { keyId: cursorId(actor), tenantId: actor.tenantId, updatedAt: deps.clock.now() })
}

/** Cursors that nobody moved for a long time, of keys that are gone among them. */
export async function sweepCursors(deps: Deps): Promise<void> {
  const before = new Date(deps.clock.now().getTime() - keptMs)
  await deps.db.write((tx) => removeCursorsBefore(tx, before))
}
