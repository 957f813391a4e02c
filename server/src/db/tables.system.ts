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

  return { events, activity, jobs, marks }
}
