import type { endSession as endInput } from '@marquee/shared/accounts.ts'
import type { Role } from '@marquee/shared/tenants.ts'
import type { z } from 'zod'
import type { Manager } from '../../access.ts'
import type { Tx } from '../../db/db.ts'
import type { Deps } from '../../deps.ts'
import { notFound } from '../../errors.ts'
import { isSecure } from '../../lib/base-url.ts'
import { makeCookie, readCookie } from '../../lib/cookies.ts'
import { hashToken, newToken } from '../../lib/secret.ts'
import type { Person, RequestFacts } from '../../trpc.ts'
import { recordActivity } from '../activity/activity.usecases.ts'
import { listMemberships } from '../tenants/memberships.usecases.ts'
import {
  findOtherSessions,
  findSession,
  findSessionById,
  findSessions,
  type SessionRow,
  touchSession,
} from './accounts.queries.ts'
import { authOf } from './auth.ts'
import { accessChanged, cachedCredentials } from './credentials.usecases.ts'

export const sessionCookie = 'marquee_session'
const lifeMs = 30 * 24 * 60 * 60 * 1000
/** The server ends a session 30 days after its last use; the cookie merely has to outlive that, and browsers allow 400 days. */
const cookieSeconds = 400 * 24 * 60 * 60
const touchAfterMs = 5 * 60 * 1000
const maxUserAgent = 300

type Signed = {
  readonly person: Person
  readonly tenantId: string | null
  readonly expiresAt: Date
  readonly roles: ReadonlyMap<string, Role>
}
const signedIn = cachedCredentials<Signed>()

/** Who is signed in in the browser that sent these headers. */
export async function findPerson(deps: Deps, headers: Headers): Promise<Person | null> {
  return (await findSigned(deps, headers))?.person ?? null
}

/** The same person in the tenant that their session looks at, else in the first of theirs. */
export async function findManager(deps: Deps, headers: Headers): Promise<Manager | null> {
  const signed = await findSigned(deps, headers)
  if (!signed) return null
  const wanted =
    signed.tenantId !== null && signed.roles.has(signed.tenantId) ? signed.tenantId : [...signed.roles.keys()][0]
  const role = wanted === undefined ? undefined : signed.roles.get(wanted)
  return wanted === undefined || role === undefined ? null : managerOf(signed.person, { tenantId: wanted, role })
}

export function managerOf(
  { userId, sessionId, name, operator }: Person,
  { tenantId, role }: { tenantId: string; role: Role },
): Manager {
  return { kind: 'person', userId, sessionId, name, operator, tenantId, role }
}

async function findSigned(deps: Deps, headers: Headers): Promise<Signed | null> {
  const token = readCookie(headers, sessionCookie)
  if (!token) return null
  const tokenHash = hashToken(token)
  const signed = await signedIn(deps).find(tokenHash, () => loadSigned(deps, tokenHash))
  return signed && signed.expiresAt > deps.clock.now() ? signed : null
}

async function loadSigned(deps: Deps, tokenHash: string) {
  const found = await findSession(deps.db.read, tokenHash)
  if (!found) return null
  const { session, user } = found
  const memberships = await listMemberships(deps.db.read, user.id)
  const value: Signed = {
    person: { userId: user.id, sessionId: session.id, name: user.name, email: user.email, operator: user.operator },
    tenantId: session.tenantId,
    expiresAt: rolled(deps, session),
    roles: new Map(memberships.map(({ tenant, role }) => [tenant.id, role])),
  }
  return { value, subjects: [session.id, user.id] }
}

/** When the session ends, after it was prolonged because it is in use. */
function rolled(deps: Deps, session: SessionRow): Date {
  const now = deps.clock.now()
  if (session.expiresAt <= now || now.getTime() - session.updatedAt.getTime() < touchAfterMs) return session.expiresAt
  const expiresAt = new Date(now.getTime() + lifeMs)
  // Nobody waits for it: a full disk or a locked database must not end what people can read.
  deps.db
    .write((tx) => touchSession(tx, session.id, { updatedAt: now, expiresAt }))
    .catch((err: unknown) => deps.log.warn({ err }, 'A session was not prolonged'))
  return expiresAt
}

export type NewSession = {
  readonly tx: Tx
  readonly userId: string
  readonly tenantId: string | null
  readonly request: RequestFacts
}

/** Starts a session; gives its cookie and id. The database has only a hash of the cookie's token. */
export async function startSession(
  deps: Deps,
  { tx, userId, tenantId, request }: NewSession,
): Promise<{ cookies: string[]; sessionId: string }> {
  const auth = await authOf(deps)
  const token = newToken()
  const now = deps.clock.now()
  const fields = {
    token: hashToken(token),
    tenantId,
    ipAddress: request.address,
    userAgent: (request.headers.get('user-agent') ?? '').slice(0, maxUserAgent),
    createdAt: now,
    updatedAt: now,
    expiresAt: new Date(now.getTime() + lifeMs),
  }
  const session = await auth.within(tx, (people) => people.createSession(userId, false, fields, true))
  return { cookies: [cookie(deps, token)], sessionId: session.id }
}

export async function signOut(deps: Deps, request: RequestFacts) {
  const token = readCookie(request.headers, sessionCookie)
  const found = token ? await findSession(deps.db.read, hashToken(token)) : null
  if (found) await endSessions(deps, [found.session])
  return {
    cookies: [makeCookie(sessionCookie, '', { maxAge: 0, secure: isSecure(deps) })],
    result: { ok: true as const },
  }
}

export async function listSessions(deps: Deps, person: Person) {
  const rows = await findSessions(deps.db.read, person.userId, deps.clock.now())
  return {
    items: rows.map(({ id, ipAddress, userAgent, createdAt, updatedAt }) => ({
      id,
      current: id === person.sessionId,
      address: ipAddress || null,
      device: userAgent || null,
      createdAt: createdAt.toISOString(),
      lastSeenAt: updatedAt.toISOString(),
    })),
  }
}

export async function endSession(deps: Deps, person: Person, { id }: z.output<typeof endInput>) {
  const session = await findSessionById(deps.db.read, id)
  if (!session || session.userId !== person.userId) throw notFound('session', id)
  await endSessions(deps, [session])
  return { ok: true as const }
}

/** Ends every other session of the person. */
export async function signOutEverywhere(deps: Deps, person: Person) {
  await endSessions(deps, await findOtherSessions(deps.db.read, person.userId, person.sessionId), async (tx) => {
    await recordAccount(deps, person, { tx, action: 'account.sign-out-everywhere' })
  })
  return { ok: true as const }
}

/** Ends sessions and tells whoever has a subscription open with them. `also` runs in the same transaction. */
export async function endSessions(
  deps: Deps,
  sessions: readonly SessionRow[],
  also?: (tx: Tx) => Promise<void>,
): Promise<void> {
  const auth = await authOf(deps)
  await deps.db.write(async (tx) => {
    await also?.(tx)
    if (sessions.length > 0)
      await auth.within(tx, (people) => people.deleteSessions(sessions.map(({ token }) => token)))
    for (const { id, userId } of sessions) await announceAccess(deps, tx, { userId, subjectId: id })
  })
  await accessChanged(deps)
}

/** Tells the tenants of a person that one of their credentials changed; nobody's tenant hears of a person without one. */
export async function announceAccess(
  deps: Deps,
  tx: Tx,
  { userId, subjectId }: { userId: string; subjectId: string },
): Promise<void> {
  const tenants = (await listMemberships(tx, userId)).map(({ tenant }) => tenant.id)
  for (const tenantId of tenants.length > 0 ? tenants : [''])
    await deps.events.append(tx, { tenantId, kind: 'access.changed', subjectId })
}

/** Notes what a person did with their own account, in each of their tenants. */
export async function recordAccount(
  deps: Deps,
  person: Person,
  { tx, action }: { tx: Tx; action: 'account.sign-in' | 'account.password' | 'account.sign-out-everywhere' },
): Promise<void> {
  for (const { tenant, role } of await listMemberships(tx, person.userId)) {
    const actor = managerOf(person, { tenantId: tenant.id, role })
    await recordActivity(deps, actor, {
      tx,
      action,
      subject: { kind: 'account', id: person.userId, name: person.name },
    })
  }
}

function cookie(deps: Deps, token: string): string {
  return makeCookie(sessionCookie, token, { maxAge: cookieSeconds, secure: isSecure(deps) })
}
