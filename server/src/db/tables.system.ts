import type { ChangeKind } from '@marquee/shared/live.ts'
import type { Columns } from './columns.postgres.ts'

/** What the server keeps for itself: events, jobs, activity, marks. */
export function systemTables(c: Columns) {
  /** Append-only; ids grow in the order of commits (see `docs/decisions/004-event-order.md`). */
  const events = c.table(
    'events',
    {
      id: c.sequence(),
      tenantId: c.text().notNull(),
      kind: c.text().$type<ChangeKind>().notNull(),
      subjectId: c.text(),
      revision: c.integer(),
      createdAt: c.time().notNull(),
    },
    (t) => [c.index('events_age').on(t.createdAt)],
  )

  const activity = c.table(
    'activity',
    {
      id: c.id(),
      tenantId: c.text().notNull(),
      action: c.text().notNull(),
      actorKind: c.text().$type<'person' | 'key' | 'screen' | 'operator' | 'system'>().notNull(),
      actorId: c.text(),
      actorName: c.text().notNull(),
      subjectKind: c.text().notNull(),
      subjectId: c.text(),
      subjectName: c.text().notNull(),
      detail: c.json<Record<string, unknown>>().notNull(),
      createdAt: c.time().notNull(),
    },
    (t) => [
      c.index('activity_tenant').on(t.tenantId, t.id),
      c.index('activity_subject').on(t.tenantId, t.subjectKind, t.subjectId, t.id),
    ],
  )

  const jobs = c.table(
    'jobs',
    {
      id: c.id(),
      kind: c.text().notNull(),
      /** At most one waiting job per `uniqueKey`. */
      uniqueKey: c.text().notNull(),
      payload: c.json<Record<string, unknown>>().notNull(),
      runAt: c.time().notNull(),
      attempts: c.integer().notNull().default(0),
      lockedUntil: c.time(),
      lastError: c.text(),
      createdAt: c.time().notNull(),
    },
    (t) => [c.uniqueIndex('jobs_unique').on(t.kind, t.uniqueKey), c.index('jobs_due').on(t.runAt)],
  )

  /** Small facts about the installation: schema version, set-up token hash. */
  const marks = c.table('marks', { name: c.id(), value: c.text().notNull() })

  /** Calls of agents that wait for a manager: each for exactly one call, once, for ten minutes. */
  const approvals = c.table(
    'approvals',
    {
      id: c.id(),
      tenantId: c.text().notNull(),
      keyId: c.text().notNull(),
      keyName: c.text().notNull(),
      /** The procedure, e.g. `ads.remove`. */
      procedure: c.text().notNull(),
      /** SHA-256 of procedure and arguments: a granted approval opens nothing else. */
      callHash: c.text().notNull(),
      arguments: c.json<Record<string, unknown>>().notNull(),
      subjects: c.json<{ kind: 'ad' | 'screen'; id: string }[]>().notNull(),
      /** Whether it is over is told by `expiresAt`. */
      state: c.text().$type<'waiting' | 'granted' | 'denied' | 'used'>().notNull(),
      decidedBy: c.text(),
      decidedAt: c.time(),
      createdAt: c.time().notNull(),
      expiresAt: c.time().notNull(),
    },
    (t) => [c.index('approvals_tenant').on(t.tenantId, t.id), c.index('approvals_expiry').on(t.expiresAt)],
  )

  /** Where "next" and "current" of an agent's key (or of whoever else calls tools) stand when they name no screen. */
  const toolCursors = c.table('tool_cursors', {
    /** Of a key its id; of a person the tenant and the person. */
    keyId: c.id(),
    tenantId: c.text().notNull(),
    adId: c.text(),
    /** Its place in the order, so that the next one is known when the ad itself is gone. */
    position: c.real(),
    /** How many ads there were when the caller asked for a refresh. */
    adCount: c.integer(),
    /** Ads given so far. */
    plays: c.integer().notNull(),
    updatedAt: c.time().notNull(),
  })

  /** Answers to calls that carried an `Idempotency-Key`, so that a repeated one is answered and not done again. */
  const idempotency = c.table(
    'idempotency',
    {
      /** SHA-256 of credential, method, path and key. */
      id: c.id(),
      tenantId: c.text().notNull(),
      /** SHA-256 of what was asked: another body under the same key is refused. */
      requestHash: c.text().notNull(),
      /** Null while the first call runs. */
      status: c.integer(),
      body: c.text(),
      createdAt: c.time().notNull(),
    },
    (t) => [c.index('idempotency_age').on(t.createdAt)],
  )

  return { events, activity, jobs, marks, approvals, toolCursors, idempotency }
}
