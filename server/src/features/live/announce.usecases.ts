import type { ChangeKind } from '@marquee/shared/live.ts'
import type { Tx } from '../../db/db.ts'
import type { Deps } from '../../deps.ts'
import { getRevision, raiseRevision } from './live.queries.ts'

export type Announcement = {
  readonly tx: Tx
  readonly tenantId: string
  readonly kind: ChangeKind
  readonly subjectId?: string | null
  /** True where the change alters what some screen shows: the tenant's revision grows, and screens fetch their manifest. */
  readonly forScreens: boolean
}

/** Tells panels and screens of a change, as the last thing in its transaction. Gives the tenant's revision after it. */
export async function announce(
  deps: Deps,
  { tx, tenantId, kind, subjectId = null, forScreens }: Announcement,
): Promise<number> {
  const revision = forScreens ? await raiseRevision(tx, tenantId) : await getRevision(tx, tenantId)
  await deps.events.append(tx, { tenantId, kind, subjectId, revision: forScreens ? revision : null })
  return revision
}

/** The newest revision of a tenant: what its screens converge on. */
export function findNewestRevision(deps: Deps, tenantId: string): Promise<number> {
  return getRevision(deps.db.read, tenantId)
}

/**
 * Ends a subscription of a server that stops without a last word: a client takes "ended" for good, but comes back to the
 * next server when the stream just breaks off, which is what tRPC does with this error.
 */
export function throwIfStopping(deps: Deps): void {
  if (deps.events.closed.aborted) throw new DOMException('The server stops', 'AbortError')
}
