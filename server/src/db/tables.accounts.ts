import type { Scope } from '@marquee/shared/keys.ts'
import type { Role } from '@marquee/shared/tenants.ts'
import type { Columns } from './columns.postgres.ts'

/**
 * Tenants, people and credentials. `users`, `sessions`, `accounts` and `verifications` are better-auth's own
 * models (its names of fields); the rest is ours. No secret is stored in clear: tokens as SHA-256.
 */
export function accountTables(c: Columns) {
  const tenants = c.table('tenants', {
    id: c.id(),
    name: c.text().notNull(),
    timeZone: c.text().notNull().default('UTC'),
    pictureDurationMs: c.integer().notNull().default(10_000),
    /** Grows with every change that a screen could show. */
    revision: c.integer().notNull().default(1),
    /** What the operator lets this tenant have at most; null is no limit. */
    quotaBytes: c.bytes(),
    quotaAds: c.integer(),
    quotaScreens: c.integer(),
    quotaKeys: c.integer(),
    createdAt: c.time().notNull(),
  })

  const users = c.table(
    'users',
    {
      id: c.id(),
      name: c.text().notNull(),
      email: c.text().notNull(),
      emailVerified: c.boolean().notNull().default(false),
      image: c.text(),
      operator: c.boolean().notNull().default(false),
      createdAt: c.time().notNull(),
      updatedAt: c.time().notNull(),
    },
    (t) => [c.uniqueIndex('users_email').on(t.email)],
  )

  const sessions = c.table(
    'sessions',
    {
      id: c.id(),
      token: c.text().notNull(),
      userId: c
        .text()
        .notNull()
        .references(() => users.id, { onDelete: 'cascade' }),
      /** The tenant that this session looks at now. */
      tenantId: c.text(),
      expiresAt: c.time().notNull(),
      ipAddress: c.text(),
      userAgent: c.text(),
      createdAt: c.time().notNull(),
      updatedAt: c.time().notNull(),
    },
    (t) => [c.uniqueIndex('sessions_token').on(t.token), c.index('sessions_user').on(t.userId)],
  )

  const accounts = c.table(
    'accounts',
    {
      id: c.id(),
      accountId: c.text().notNull(),
      providerId: c.text().notNull(),
      userId: c
        .text()
        .notNull()
        .references(() => users.id, { onDelete: 'cascade' }),
      accessToken: c.text(),
      refreshToken: c.text(),
      idToken: c.text(),
      accessTokenExpiresAt: c.time(),
      refreshTokenExpiresAt: c.time(),
      scope: c.text(),
      password: c.text(),
      createdAt: c.time().notNull(),
      updatedAt: c.time().notNull(),
    },
    (t) => [c.index('accounts_user').on(t.userId)],
  )

  const verifications = c.table(
    'verifications',
    {
      id: c.id(),
      identifier: c.text().notNull(),
      value: c.text().notNull(),
      expiresAt: c.time().notNull(),
      createdAt: c.time().notNull(),
      updatedAt: c.time().notNull(),
    },
    (t) => [c.index('verifications_identifier').on(t.identifier)],
  )

  const members = c.table(
    'members',
    {
      tenantId: c
        .text()
        .notNull()
        .references(() => tenants.id, { onDelete: 'cascade' }),
      userId: c
        .text()
        .notNull()
        .references(() => users.id, { onDelete: 'cascade' }),
      role: c.text().$type<Role>().notNull(),
      createdAt: c.time().notNull(),
    },
    (t) => [c.primaryKey({ columns: [t.tenantId, t.userId] }), c.index('members_user').on(t.userId)],
  )

  const invitations = c.table(
    'invitations',
    {
      id: c.id(),
      tenantId: c
        .text()
        .notNull()
        .references(() => tenants.id, { onDelete: 'cascade' }),
      email: c.text(),
      role: c.text().$type<Role>().notNull(),
      tokenHash: c.text().notNull(),
      createdBy: c.text().notNull(),
      expiresAt: c.time().notNull(),
      usedAt: c.time(),
      createdAt: c.time().notNull(),
    },
    (t) => [c.uniqueIndex('invitations_token').on(t.tokenHash), c.index('invitations_tenant').on(t.tenantId)],
  )

  const apiKeys = c.table(
    'api_keys',
    {
      id: c.id(),
      tenantId: c
        .text()
        .notNull()
        .references(() => tenants.id, { onDelete: 'cascade' }),
      name: c.text().notNull(),
      prefix: c.text().notNull(),
      tokenHash: c.text().notNull(),
      scopes: c.json<Scope[]>().notNull(),
      purpose: c.text().$type<'agent' | 'script'>().notNull(),
      createdBy: c.text().notNull(),
      createdAt: c.time().notNull(),
      lastUsedAt: c.time(),
      expiresAt: c.time(),
      revokedAt: c.time(),
    },
    (t) => [c.uniqueIndex('api_keys_token').on(t.tokenHash), c.index('api_keys_tenant').on(t.tenantId)],
  )

  /** Wrong tries per account, address or pairing, in a window; `subject` says of what, e.g. `sign-in:a@b.c`. */
  const attempts = c.table('attempts', {
    subject: c.id(),
    count: c.integer().notNull(),
    windowStartedAt: c.time().notNull(),
  })

  return { tenants, users, sessions, accounts, verifications, members, invitations, apiKeys, attempts }
}
