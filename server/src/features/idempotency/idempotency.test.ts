import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { formBytes, formType } from '../../../test/fixtures/forms.ts'
import { picture } from '../../../test/fixtures/pictures.ts'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'
import type { Manager } from '../../access.ts'
import { claimCall } from './idempotency.usecases.ts'

let app: TestApp
let owner: Manager
let bearer: string
let used = 0

beforeAll(async () => {
  app = await createTestApp()
})
beforeEach(async () => {
  owner = await app.tenant()
  bearer = await keyOf(owner)
})
afterAll(() => app?.[Symbol.asyncDispose]())

const keyOf = async (of: Manager) =>
  (await app.as(of).keys.create({ name: 'A script', scopes: ['ads:read', 'ads:write'], purpose: 'script' })).secret
const headersWith = (idempotency: string, by = bearer) => ({
  authorization: `Bearer ${by}`,
  'idempotency-key': idempotency,
})
const begin = (body: object, idempotency: string, by = bearer) =>
  app.fetch('/api/uploads/create', {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { ...headersWith(idempotency, by), 'content-type': 'application/json' },
  })
const upload = (bytes: Uint8Array, idempotency: string) =>
  app.fetch('/api/upload', {
    method: 'POST',
    body: formBytes([{ file: 'file', bytes }]),
    headers: { ...headersWith(idempotency), 'content-type': formType },
  })
const uploads = async (of = owner) => (await app.as(of).uploads.list({})).items.length
const file = { fileName: 'a.png', size: 100 }

it('a repeated call is answered the same, and done once', async () => {
  const first = await begin(file, 'one')
  expect(first.headers.get('idempotency-replayed')).toBeNull()
  const second = await begin(file, 'one')
  expect(second.headers.get('idempotency-replayed')).toBe('true')
  expect(await second.json()).toEqual(await first.json())
  expect(await uploads()).toBe(1)
})

it('another key, another call or another caller is another call', async () => {
  await begin(file, 'one')
  await begin(file, 'two')
  expect(await uploads()).toBe(2)
  const other = await app.tenant()
  await begin(file, 'one', await keyOf(other))
  expect(await uploads(other)).toBe(1)
})

it('the same key with another body is refused', async () => {
  await begin(file, 'one')
  const refused = await begin({ ...file, size: 101 }, 'one')
  expect([refused.status, await refused.json()]).toMatchObject([409, { code: 'conflict', reason: 'idempotency-key' }])
  expect(await uploads()).toBe(1)
})

it('a call that was refused did nothing, and can be corrected', async () => {
  expect((await begin({ ...file, size: -1 }, 'one')).status).toBe(400)
  expect((await begin(file, 'one')).status).toBe(200)
})

it('while the first call runs, the second is told to wait; a dead one is taken over', async () => {
  const call = { tenantId: owner.tenantId, caller: 'key x', what: 'POST /api/x', key: 'one' }
  const first = await claimCall(app, call)
  expect(first.state).toBe('mine')
  await expect(claimCall(app, call)).rejects.toMatchObject({ code: 'busy', reason: 'idempotency-running' })
  app.clock.advance(3 * 60_000)
  const second = await claimCall(app, call)
  expect(second.state).toBe('mine')
  if (second.state === 'mine') await second.keep({ status: 200, body: '{}' }, 'hash')
  expect(await claimCall(app, call)).toMatchObject({ state: 'answered', answer: { status: 200, body: '{}' } })
  if (first.state === 'mine') await first.release()
})

it('a key that can not be one is refused', async () => {
  expect((await begin(file, 'x'.repeat(256))).status).toBe(400)
  expect((await begin(file, 'with space')).status).toBe(400)
})

it('an upload is repeated by its bytes, not by how its form was written', async () => {
  const bytes = await picture('png', { seed: 900 + used++ })
  const first = await upload(bytes, 'one')
  const second = await upload(bytes, 'one')
  expect(second.headers.get('idempotency-replayed')).toBe('true')
  expect(await second.json()).toEqual(await first.json())
  expect((await app.as(owner).ads.list({})).items).toHaveLength(1)
  const other = await upload(await picture('png', { seed: 900 + used++ }), 'one')
  expect([other.status, await other.json()]).toMatchObject([409, { reason: 'idempotency-key' }])
  expect((await app.as(owner).ads.list({})).items).toHaveLength(1)
})

it('answers are kept for a day, and lie where nobody can read them', async () => {
  await begin(file, 'one')
  const { idempotency } = app.db.read.tables
  const [row] = (await app.db.read.select().from(idempotency)).filter((one) => one.tenantId === owner.tenantId)
  expect(row?.body).not.toContain('a.png')
  app.clock.advance(23 * 60 * 60 * 1000)
  await app.jobs.runDue()
  expect((await begin(file, 'one')).headers.get('idempotency-replayed')).toBe('true')
  app.clock.advance(26 * 60 * 60 * 1000)
  await app.jobs.runDue()
  expect((await begin(file, 'one')).headers.get('idempotency-replayed')).toBeNull()
})
