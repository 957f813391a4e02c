import type { Role } from '@marquee/shared/tenants.ts'
import type { Actor } from '../../access.ts'
import type { Tx } from '../../db/db.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { joinTenant, listMemberships } from '../tenants/memberships.usecases.ts'
import { getTenant } from '../tenants/tenants.usecases.ts'
import { findUserByEmail, findUsers, setOperator, type UserRow } from './accounts.queries.ts'
import { authOf } from './auth.ts'

export type NewPerson = {
  readonly email: string
  readonly name: string
  readonly passwordHash: string
  readonly operator?: boolean
}

/** Slow on purpose, so it is done before a transaction and not in one. */
export async function hashPassword(deps: Deps, password: string): Promise<string> {
  return (await authOf(deps)).hash(password)
}

/** Makes an account; `conflict` with the reason `account-exists` if the address has one. */
export async function addPerson(
  deps: Deps,
  { tx, person }: { tx: Tx; person: NewPerson },
): Promise<{ id: string; name: string; email: string }> {
  const { email, name, passwordHash, operator = false } = person
  if (await findUserByEmail(tx, email)) throw accountExists(email)
  const auth = await authOf(deps)
  const times = { createdAt: deps.clock.now(), updatedAt: deps.clock.now() }
  return auth.within(tx, async (people) => {
    const { id } = await people.createUser(
      { email, name, emailVerified: false, operator, ...times },
      { method: 'email-password' },
    )
    await people.createAccount({
      userId: id,
      accountId: id,
      providerId: 'credential',
      password: passwordHash,
      ...times,
    })
    return { id, name, email }
  })
}

export type NewUser = {
  readonly email: string
  readonly name: string
  readonly password?: string | undefined
  /** The password where none was chosen. */
  readonly spare: string
  /** The role in the actor's tenant; null for somebody without one. */
  readonly role: Role | null
  readonly operator: boolean
}

/** By the command line: makes an account, or adds what is new to one that exists. */
export async function createUser(
  deps: Deps,
  actor: Actor,
  input: NewUser,
): Promise<{ userId: string; existed: boolean }> {
  const { email, name, role, operator } = input
  const existing = await findUserByEmail(deps.db.read, email)
  if (existing && input.password !== undefined) throw accountExists(email)
  if (role !== null) await getTenant(deps, actor)
  const passwordHash = existing ? '' : await hashPassword(deps, input.password ?? input.spare)
  const userId = await deps.db.write(async (tx) => {
    const { id } = existing ?? (await addPerson(deps, { tx, person: { email, name, passwordHash, operator } }))
    if (existing && operator) await makeOperator(deps, { tx, userId: id })
    if (role !== null) await joinTenant(deps, actor, { tx, userId: id, name: existing?.name ?? name, role })
    return id
  })
  return { userId, existed: existing !== null }
}

/** Every account with its roles, for the operator. */
export async function listPeople(deps: Deps): Promise<(UserRow & { roles: { tenantId: string; role: Role }[] })[]> {
  const users = await findUsers(deps.db.read)
  return Promise.all(
    users.map(async (user) => {
      const memberships = await listMemberships(deps.db.read, user.id)
      return { ...user, roles: memberships.map(({ tenant, role }) => ({ tenantId: tenant.id, role })) }
    }),
  )
}

/** Lets a person manage the whole installation. */
async function makeOperator(deps: Deps, { tx, userId }: { tx: Tx; userId: string }): Promise<void> {
  await setOperator(tx, userId)
  await deps.events.append(tx, { tenantId: '', kind: 'access.changed', subjectId: userId })
}

function accountExists(email: string): AppError {
  return new AppError('conflict', `"${email}" has an account already. Sign in with it first`, {
    reason: 'account-exists',
  })
}
