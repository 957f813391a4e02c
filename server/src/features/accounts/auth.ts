import type { InternalAdapter } from 'better-auth'
import type { Db, Tx } from '../../db/db.ts'
import type { Deps } from '../../deps.ts'
import { newId } from '../../lib/id.ts'

/** better-auth's rules for people, their passwords and sessions, without its HTTP door (decision 001). */
export type Auth = {
  hash(password: string): Promise<string>
  /** Takes the same time where there is no account, so that nobody learns who has one. */
  verify(password: string, hash: string | null): Promise<boolean>
  /** Its statements as part of a transaction of ours. */
  within<T>(tx: Tx, work: (people: InternalAdapter) => Promise<T>): Promise<T>
  /** Its statements that only read. */
  readonly people: InternalAdapter
}

const known = new WeakMap<Db, Promise<Auth>>()
/** A hash that no password has. */
const nobody = `${'0'.repeat(32)}:${'0'.repeat(128)}`

/** Loaded when somebody signs in, not at start: it is the largest library of the server. */
export function authOf(deps: Deps): Promise<Auth> {
  const auth = known.get(deps.db) ?? makeAuth(deps)
  known.set(deps.db, auth)
  return auth
}

async function makeAuth(deps: Deps): Promise<Auth> {
  const [{ betterAuth }, { runWithAdapter }, { authAdapter, authTables, inside }] = await Promise.all([
    import('better-auth/minimal'),
    import('@better-auth/core/context'),
    import('./auth-adapter.queries.ts'),
  ])
  const tables = authTables(deps.db.read.tables)
  const auth = betterAuth({
    appName: 'Marquee',
    baseURL: deps.baseUrl,
    secret: deps.secret.derive('better-auth'),
    database: authAdapter(deps.db, tables),
    telemetry: { enabled: false },
    logger: { log: (level, text, ...facts) => deps.log[level]({ facts }, text) },
    user: {
      modelName: 'users',
      additionalFields: { operator: { type: 'boolean', input: false, defaultValue: false } },
    },
    session: {
      modelName: 'sessions',
      additionalFields: { tenantId: { type: 'string', required: false, input: false } },
    },
    account: { modelName: 'accounts' },
    verification: { modelName: 'verifications' },
    emailAndPassword: { enabled: true, disableSignUp: true },
    advanced: { database: { generateId: newId } },
  })
  const context = await auth.$context
  return {
    hash: context.password.hash,
    verify: (password, hash) => context.password.verify({ password, hash: hash ?? nobody }),
    within<T>(tx: Tx, work: (people: InternalAdapter) => Promise<T>) {
      const done: Promise<unknown> = runWithAdapter(authAdapter(inside(tx), tables)(context.options), () =>
        work(context.internalAdapter),
      )
      // It is typed as a promise of the work's promise; promises do not nest.
      return done as Promise<T>
    },
    people: context.internalAdapter,
  }
}
