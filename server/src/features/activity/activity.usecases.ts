import type { Action, ActivityEntry, listActivity as listInput } from '@marquee/shared/activity.ts'
import type { z } from 'zod'
import type { Actor } from '../../access.ts'
import type { Tx } from '../../db/db.ts'
import type { Row } from '../../db/rows.ts'
import type { Deps } from '../../deps.ts'
import { decodeCursor, encodeCursor } from '../../lib/cursor.ts'
import { newId } from '../../lib/id.ts'
import { addActivity, findActivity } from './activity.queries.ts'

export type NewActivity = {
  readonly tx: Tx
  readonly action: Action
  readonly subject: {
    readonly kind: ActivityEntry['subject']['kind']
    readonly id: string | null
    readonly name: string
  }
  /** Changed fields with their new values; never a secret. */
  readonly detail?: Record<string, unknown>
}

/** Notes who changed what, in the transaction that changes it. Every change does this. */
export async function recordActivity(
  deps: Deps,
  actor: Actor,
  { tx, action, subject, detail = {} }: NewActivity,
): Promise<void> {
  await addActivity(tx, {
    id: newId(),
    tenantId: actor.tenantId,
    action,
    actorKind: actor.kind,
    actorId: actorId(actor),
    actorName: actor.name,
    subjectKind: subject.kind,
    subjectId: subject.id,
    subjectName: subject.name,
    detail,
    createdAt: deps.clock.now(),
  })
}

/** The stable id behind an actor, or null for the server and its command line. */
export function actorId(actor: Actor): string | null {
  switch (actor.kind) {
    case 'person':
      return actor.userId
    case 'key':
      return actor.keyId
    case 'screen':
      return actor.screenId
    case 'operator':
    case 'system':
      return null
  }
}

export async function listActivity(deps: Deps, actor: Actor, input: z.output<typeof listInput>) {
  const before = input.cursor ? decodeCursor(input.cursor, ['string'] as const)[0] : null
  const rows = await findActivity(deps.db.read, actor.tenantId, { ...input, before })
  const items = rows.slice(0, input.limit).map(toEntry)
  const last = items.at(-1)
  return { items, nextCursor: last && rows.length > input.limit ? encodeCursor([last.id]) : null }
}

function toEntry(row: Row<'activity'>): ActivityEntry {
  return {
    id: row.id,
    at: row.createdAt.toISOString(),
    // The column holds what `recordActivity` was given.
    action: row.action as Action,
    actor: { kind: row.actorKind, id: row.actorId, name: row.actorName },
    subject: { kind: row.subjectKind as ActivityEntry['subject']['kind'], id: row.subjectId, name: row.subjectName },
    detail: row.detail,
  }
}
