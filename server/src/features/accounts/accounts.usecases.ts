import type {
  acceptInvitation as acceptInput,
  invitationByToken,
  Me,
  changePassword as passwordInput,
  signIn as signInInput,
  switchTenant as switchInput,
  updateMe as updateInput,
} from '@marquee/shared/accounts.ts'
import type { z } from 'zod'
import type { Tx } from '../../db/db.ts'
import type { Deps } from '../../deps.ts'
import { AppError, notFound } from '../../errors.ts'
import type { Person, RequestFacts } from '../../trpc.ts'
import { announce } from '../live/announce.usecases.ts'
import { getOffer, listMemberships, type Offer, redeemOffer } from '../tenants/memberships.usecases.ts'
import { toTenant } from '../tenants/tenants.usecases.ts'
import { findOtherSessions, findSessionById, setSessionTenant } from './accounts.queries.ts'
import { clearAttemptsIn, ensureAttemptsLeft, giveBackAttempt, noteFailure, takeAttempts } from './attempts.usecases.ts'
import { authOf } from './auth.ts'
import { accessChanged } from './credentials.usecases.ts'
import { addPerson, hashPassword } from './people.usecases.ts'
import { announceAccess, endSessions, findPerson, managerOf, recordAccount, startSession } from './sessions.usecases.ts'

export { endSession, findManager, findPerson, listSessions, signOut, signOutEverywhere } from './sessions.usecases.ts'
export { serverState, setUp, setUpLink } from './set-up.usecases.ts'

/** An answer, and the `Set-Cookie` lines that go with it. */
export type WithCookies<T> = { readonly cookies: string[]; readonly result: T }

export async function signIn(
  deps: Deps,
  request: RequestFacts,
  { email, password }: z.output<typeof signInInput>,
): Promise<WithCookies<Me>> {
  const [account, address] = [`sign-in:${email}`, `sign-in-from:${request.address}`]
  await takeAttempts(deps, [account, address])
  const auth = await authOf(deps)
  const found = await auth.people.findUserByEmail(email, { includeAccounts: true })
  const hash = found?.accounts.find(({ providerId }) => providerId === 'credential')?.password ?? null
  const right = await auth.verify(password, hash)
  if (!found || !right) throw new AppError('wrong-credentials', 'The email or the password is wrong')
  return deps.db.write(async (tx) => {
    await clearAttemptsIn(tx, account)
    await giveBackAttempt(tx, address)
    const [first] = await listMemberships(tx, found.user.id)
    const { cookies, sessionId } = await startSession(deps, {
      tx,
      userId: found.user.id,
      tenantId: first?.tenant.id ?? null,
      request,
    })
    // `operator` is one of our additional fields, which the type of the internal adapter does not know.
    const person: Person = {
      userId: found.user.id,
      sessionId,
      name: found.user.name,
      email,
      operator: (found.user as { operator?: boolean }).operator === true,
    }
    await recordAccount(deps, person, { tx, action: 'account.sign-in' })
    return { cookies, result: await describe(tx, person) }
  })
}

export function getMe(deps: Deps, person: Person): Promise<Me> {
  return describe(deps.db.read, person)
}

export async function updateMe(deps: Deps, person: Person, { name }: z.output<typeof updateInput>): Promise<Me> {
  const auth = await authOf(deps)
  const changed = { ...person, name }
  const result = await deps.db.write(async (tx) => {
    await auth.within(tx, (people) => people.updateUser(person.userId, { name, updatedAt: deps.clock.now() }))
    for (const { tenant } of await listMemberships(tx, person.userId)) {
      await announce(deps, {
        tx,
        tenantId: tenant.id,
        kind: 'members.changed',
        subjectId: person.userId,
        forScreens: false,
      })
    }
    return describe(tx, changed)
  })
  await accessChanged(deps)
  return result
}

export async function switchTenant(
  deps: Deps,
  person: Person,
  { tenantId }: z.output<typeof switchInput>,
): Promise<Me> {
  const result = await deps.db.write(async (tx) => {
    if (!(await listMemberships(tx, person.userId)).some(({ tenant }) => tenant.id === tenantId))
      throw notFound('tenant', tenantId)
    await setSessionTenant(tx, person.sessionId, tenantId)
    // Subscriptions of this session to the tenant before end.
    await announceAccess(deps, tx, { userId: person.userId, subjectId: person.sessionId })
    return describe(tx, person)
  })
  await accessChanged(deps)
  return result
}

/** Needs the password that holds now, and ends every other session. */
export async function changePassword(
  deps: Deps,
  person: Person,
  input: z.output<typeof passwordInput> & { address: string },
) {
  const subjects = [`password:${person.userId}`, `sign-in-from:${input.address}`] as const
  await takeAttempts(deps, subjects)
  const auth = await authOf(deps)
  const account = await auth.people.findCredentialAccount(person.userId)
  if (!(await auth.verify(input.current, account?.password ?? null)))
    throw new AppError('wrong-credentials', 'The current password is wrong')
  const passwordHash = await auth.hash(input.next)
  await endSessions(deps, await findOtherSessions(deps.db.read, person.userId, person.sessionId), async (tx) => {
    await auth.within(tx, (people) => people.updatePassword(person.userId, passwordHash))
    await clearAttemptsIn(tx, subjects[0])
    await giveBackAttempt(tx, subjects[1])
    await recordAccount(deps, person, { tx, action: 'account.password' })
  })
  return { ok: true as const }
}

/** What an invitation offers, for whoever holds its link. */
export async function findInvitation(deps: Deps, request: RequestFacts, { token }: z.output<typeof invitationByToken>) {
  const { invitation, tenant } = await offerFrom(deps, request, token)
  return {
    tenantName: tenant.name,
    role: invitation.role,
    email: invitation.email,
    invitedBy: invitation.createdBy,
    expiresAt: invitation.expiresAt.toISOString(),
  }
}

/** The signed-in person joins, or a new account is made. */
export async function acceptInvitation(
  deps: Deps,
  request: RequestFacts,
  input: z.output<typeof acceptInput>,
): Promise<WithCookies<Me>> {
  const offer = await offerFrom(deps, request, input.token)
  const person = await findPerson(deps, request.headers)
  return person && (input.email === undefined || input.email === person.email)
    ? joinAs(deps, person, offer)
    : joinAnew(deps, request, { input, offer })
}

async function joinAs(deps: Deps, person: Person, offer: Offer): Promise<WithCookies<Me>> {
  ensureMeant(offer, person.email)
  const result = await deps.db.write(async (tx) => {
    await redeemOffer(deps, actorOf(person, offer), { tx, offer, userId: person.userId })
    await setSessionTenant(tx, person.sessionId, offer.tenant.id)
    await announceAccess(deps, tx, { userId: person.userId, subjectId: person.sessionId })
    return describe(tx, person)
  })
  await accessChanged(deps)
  return { cookies: [], result }
}

type Anew = { readonly input: z.output<typeof acceptInput>; readonly offer: Offer }

async function joinAnew(
  deps: Deps,
  request: RequestFacts,
  { input: { name, email, password }, offer }: Anew,
): Promise<WithCookies<Me>> {
  if (!name || !email || !password)
    throw new AppError('bad-input', 'A new account needs a name, an email address and a password', {
      reason: 'account-needed',
    })
  ensureMeant(offer, email)
  const passwordHash = await hashPassword(deps, password)
  return deps.db.write(async (tx) => {
    const user = await addPerson(deps, { tx, person: { email, name, passwordHash } })
    const { cookies, sessionId } = await startSession(deps, { tx, userId: user.id, tenantId: offer.tenant.id, request })
    const person: Person = { userId: user.id, sessionId, name, email, operator: false }
    await redeemOffer(deps, actorOf(person, offer), { tx, offer, userId: user.id })
    return { cookies, result: await describe(tx, person) }
  })
}

function actorOf(person: Person, { tenant, invitation }: Offer) {
  return managerOf(person, { tenantId: tenant.id, role: invitation.role })
}

function ensureMeant({ invitation }: Offer, email: string): void {
  if (invitation.email === null || invitation.email === email) return
  throw new AppError('conflict', `This invitation is for "${invitation.email}". Use that address`, {
    reason: 'other-email',
    detail: { email: invitation.email },
  })
}

/** Tokens that nobody gave out are counted, so that links cannot be guessed. */
async function offerFrom(deps: Deps, request: RequestFacts, token: string): Promise<Offer> {
  const subject = `invitation:${request.address}`
  await ensureAttemptsLeft(deps, subject)
  try {
    return await getOffer(deps, deps.db.read, token)
  } catch (error) {
    if (error instanceof AppError && error.code === 'not-found') await noteFailure(deps, subject)
    throw error
  }
}

/** Who a person is and where, as the panel shows it. */
export async function describe(read: Deps['db']['read'] | Tx, person: Person): Promise<Me> {
  const [session, memberships] = [
    await findSessionById(read, person.sessionId),
    await listMemberships(read, person.userId),
  ]
  const current = memberships.find(({ tenant }) => tenant.id === session?.tenantId) ?? memberships[0]
  return {
    user: { id: person.userId, name: person.name, email: person.email },
    operator: person.operator,
    tenant: current ? toTenant(current.tenant) : null,
    role: current?.role ?? null,
    tenants: memberships.map(({ tenant, role }) => ({ id: tenant.id, name: tenant.name, role })),
  }
}
