import type { Me, setUp as setUpInput } from '@marquee/shared/accounts.ts'
import { timeZone } from '@marquee/shared/tenants.ts'
import type { z } from 'zod'
import packageFile from '../../../package.json' with { type: 'json' }
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { hashToken, newToken } from '../../lib/secret.ts'
import type { Person, RequestFacts } from '../../trpc.ts'
import { joinTenant } from '../tenants/memberships.usecases.ts'
import { addNewTenant, freeTenantId } from '../tenants/tenants.usecases.ts'
import { findMark, isAnybodyThere, setMark, takeMark } from './accounts.queries.ts'
import { ensureAttemptsLeft, noteFailure } from './attempts.usecases.ts'
import { addPerson, hashPassword } from './people.usecases.ts'
import { managerOf, startSession } from './sessions.usecases.ts'

const { version } = packageFile
const mark = 'set-up-token'

/** Whether anybody has an account yet, for pages before sign-in. */
export async function serverState(deps: Deps): Promise<{ fresh: boolean; version: string }> {
  return { fresh: !(await isAnybodyThere(deps.db.read)), version }
}

/** The one-time link that makes the first owner, or null once somebody has an account. A new link ends the one before. */
export async function setUpLink(deps: Deps): Promise<string | null> {
  if (await isAnybodyThere(deps.db.read)) return null
  const token = newToken()
  await deps.db.write((tx) => setMark(tx, mark, hashToken(token)))
  return `${deps.baseUrl}/setup/${token}`
}

/** Makes the first account, its tenant and a session, all or nothing. */
export async function setUp(
  deps: Deps,
  request: RequestFacts,
  input: z.output<typeof setUpInput>,
): Promise<{ cookies: string[]; result: Me }> {
  const tokenHash = await ensureSetUpToken(deps, request, input.token)
  const passwordHash = await hashPassword(deps, input.password)
  return deps.db.write(async (tx) => {
    if (!(await takeMark(tx, mark, tokenHash)) || (await isAnybodyThere(tx))) throw linkOver()
    const user = await addPerson(deps, {
      tx,
      person: { email: input.email, name: input.name, passwordHash, operator: true },
    })
    const id = await freeTenantId(tx, input.tenantName)
    const { cookies, sessionId } = await startSession(deps, { tx, userId: user.id, tenantId: id, request })
    const person: Person = { userId: user.id, sessionId, name: user.name, email: user.email, operator: true }
    const actor = managerOf(person, { tenantId: id, role: 'owner' })
    const tenant = await addNewTenant(deps, actor, {
      tx,
      input: { id, name: input.tenantName, timeZone: zoneOf(input.timeZone) },
    })
    await joinTenant(deps, actor, { tx, userId: user.id, name: user.name, role: 'owner' })
    const me = { id: user.id, name: user.name, email: user.email }
    return {
      cookies,
      result: { user: me, operator: true, tenant, role: 'owner', tenants: [{ id, name: tenant.name, role: 'owner' }] },
    }
  })
}

async function ensureSetUpToken(deps: Deps, request: RequestFacts, token: string): Promise<string> {
  const subject = `set-up:${request.address}`
  await ensureAttemptsLeft(deps, subject)
  const tokenHash = hashToken(token)
  if ((await findMark(deps.db.read, mark)) === tokenHash) return tokenHash
  await noteFailure(deps, subject)
  throw linkOver()
}

/** The browser's zone, which may be a name that this server does not have. */
function zoneOf(name: string): string {
  const zone = timeZone.safeParse(name)
  return zone.success ? zone.data : 'UTC'
}

function linkOver(): AppError {
  return new AppError('link-expired', 'This link does not hold any more. Use the one that the latest start printed', {
    reason: 'set-up',
  })
}
