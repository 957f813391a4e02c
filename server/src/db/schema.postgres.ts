// What drizzle-kit reads for the postgres migrations.
import { postgres } from './columns.postgres.ts'
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
  events,
  activity,
  jobs,
  marks,
} = defineTables(postgres)
