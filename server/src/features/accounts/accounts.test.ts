import { describe, expect, test } from 'vitest'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'
import type { RequestFacts } from '../../trpc.ts'
import { findManager, findPerson, setUp, setUpLink, signIn } from './accounts.usecases.ts'

export const owner = {
  name: 'Ada',
  email: 'ada@example.com',
  password: 'a long password',
  tenantName: 'Ada & Co',
  timeZone: 'Europe/Berlin',
}

/** What a request is that comes with these cookies. */
function request(cookies: readonly string[] = [], address = '192.0.2.1'): RequestFacts {
  const headers = new Headers({ 'user-agent': 'A test browser' })
  if (cookies.length > 0) headers.set('cookie', cookies.map((line) => line.split(';')[0]).join('; '))
  return { id: 'test', address, headers }
}

async function setUpToken(app: TestApp): Promise<string> {
  const link = await setUpLink(app.deps)
  return link?.split('/setup/')[1] ?? ''
}

async function makeOwner(app: TestApp) {
  const made = await setUp(app.deps, request(), { ...owner, token: await setUpToken(app) })
  const person = await findPerson(app.deps, request(made.cookies).headers)
  if (!person) throw new Error('The owner is not signed in')
  return { ...made, person }
}

describe('the first owner', () => {
  test('makes account, tenant and session in one step, with the link of the start', async () => {
    await using app = await createTestApp()
    expect(await app.as(null).accounts.serverState()).toMatchObject({ fresh: true })
    const { cookies, result, person } = await makeOwner(app)
    expect(result).toMatchObject({ operator: true, role: 'owner', tenant: { id: 'ada_co', timeZone: 'Europe/Berlin' } })
    expect(person).toMatchObject({ name: 'Ada', email: 'ada@example.com', operator: true })
    expect(await findManager(app.deps, request(cookies).headers)).toMatchObject({ tenantId: 'ada_co', role: 'owner' })
    expect(await app.as(null).accounts.serverState()).toMatchObject({ fresh: false })
  })
  test('signs in', async () => {
    await using app = await createTestApp()
    await makeOwner(app)
    const { cookies, result } = await signIn(app.deps, request(), owner)
    expect(result.user.email).toBe('ada@example.com')
    expect(cookies[0]).toMatch(/^marquee_session=\S{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/)
  })
})
