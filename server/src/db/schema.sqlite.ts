// What drizzle-kit reads for the sqlite migrations.
import { sqlite } from './columns.sqlite.ts'
import { defineTables } from './tables.ts'

export const {
  tenants,
  users,
  sessions,
  accounts,
  verifications,
  members,
  invitations,
  apiKeys,
  attempts,
  uploads,
  assets,
  ads,
  adTags,
  screens,
  pairings,
  plays,
  events,
  activity,
  jobs,
  marks,
  approvals,
  toolCursors,
  idempotency,
} = defineTables(sqlite)
