import type { Tx } from '../../db/db.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
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
  if (await findUserByEmail(tx, email)) {
    throw new AppError('conflict', `"${email}" has an account already. Sign in with it first`, {
      reason: 'account-exists',
    })
  }
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

export function findPersonByEmail(deps: Deps, email: string): Promise<UserRow | null> {
  return findUserByEmail(deps.db.read, email)
}

export function listPeople(deps: Deps): Promise<UserRow[]> {
  return findUsers(deps.db.read)
}

/** Lets a person manage the whole installation. */
export async function makeOperator(deps: Deps, { tx, userId }: { tx: Tx; userId: string }): Promise<void> {
  await setOperator(tx, userId)
  await deps.events.append(tx, { tenantId: '', kind: 'access.changed', subjectId: userId })
}
