import { approvalHeader, approvalLifetimeMs } from '@marquee/shared/approvals.ts'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'
import { uploadThrough } from '../../../test/upload-through.ts'
import type { KeyActor, Manager } from '../../access.ts'

let app: TestApp
let owner: Manager
let agent: KeyActor

beforeAll(async () => {
  app = await createTestApp()
  owner = await app.tenant()
  agent = app.key(owner, ['ads:read', 'ads:write', 'screens:write'], 'agent')
})
afterAll(() => app[Symbol.asyncDispose]())

async function addAd(by = owner): Promise<string> {
  const background = { r: Math.floor(Math.random() * 256), g: Math.floor(Math.random() * 256), b: 7 }
  const bytes = await sharp({ create: { width: 64, height: 64, channels: 3, background } })
    .png()
    .toBuffer()
  const { ad } = await uploadThrough(app, by, { bytes, fileName: 'own.png', ad: { title: 'Spring sale' } })
  return ad?.id ?? ''
}

/** The approval that an agent's call is told to wait for. */
async function ask(ids: string[], as = agent): Promise<string> {
  const error = await app
    .as(as)
    .ads.remove({ ids })
    .catch((cause: { cause?: { code?: string; detail?: { approvalId?: string } } }) => cause)
  const refused = error as { cause?: { code?: string; detail?: { approvalId?: string } } }
  expect(refused.cause?.code).toBe('approval-needed')
  return refused.cause?.detail?.approvalId ?? ''
}

const withApproval = (id: string, as = agent) => app.as(as, { headers: new Headers({ [approvalHeader]: id }) })
const reasonOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { cause?: { code?: string; reason?: string } }) => error.cause?.reason ?? error.cause?.code,
  )

it("holds an agent's deletion until a manager grants it, then lets exactly that call through, once", async () => {
  const adId = await addAd()
  const id = await ask([adId])
  expect(await ask([adId])).toBe(id)
  expect(await reasonOf(withApproval(id).ads.remove({ ids: [adId] }))).toBe('approval-needed')
  const [waiting] = (await app.as(owner).approvals.list()).items
  expect(waiting).toMatchObject({
    id,
    state: 'waiting',
    procedure: 'ads.remove',
    key: { id: agent.keyId, name: agent.name },
    arguments: { ids: [adId] },
    subjects: [{ kind: 'ad', id: adId, name: 'Spring sale', posterUrl: expect.stringContaining('http') }],
  })
  expect((await app.as(owner).approvals.decide({ id, grant: true })).state).toBe('granted')
  await withApproval(id).ads.remove({ ids: [adId] })
  expect(await reasonOf(app.as(owner).ads.get({ id: adId }))).toBe('not-found')
  expect(await reasonOf(withApproval(id).ads.remove({ ids: [adId] }))).toBe('approval-used')
  const verbs = (await app.as(owner).activity.list({})).items.map(({ action }) => action)
  expect(verbs).toEqual(expect.arrayContaining(['approval.ask', 'approval.grant', 'approval.use', 'ad.remove']))
})

it('opens nothing with the approval of another call, of another key, or of another tenant', async () => {
  const [one, two] = [await addAd(), await addAd()]
  const id = await ask([one])
  await app.as(owner).approvals.decide({ id, grant: true })
  expect(await reasonOf(withApproval(id).ads.remove({ ids: [two] }))).toBe('approval-other-call')
  expect(await reasonOf(withApproval(id).ads.remove({ ids: [one, two] }))).toBe('approval-other-call')
  const other = app.key(owner, ['ads:write'], 'agent')
  expect(await reasonOf(withApproval(id, other).ads.remove({ ids: [one] }))).toBe('not-found')
  const foreign = app.key(await app.tenant(), ['ads:write'], 'agent')
  expect(await reasonOf(app.as(foreign).ads.remove({ ids: [one] }))).toBe('not-found')
  expect((await app.as(owner).ads.get({ id: one })).id).toBe(one)
})

it('is over ten minutes after it was asked for, granted or not', async () => {
  const adId = await addAd()
  const [early, late] = [await ask([adId]), approvalLifetimeMs + 1]
  await app.as(owner).approvals.decide({ id: early, grant: true })
  app.clock.advance(late)
  expect(await reasonOf(withApproval(early).ads.remove({ ids: [adId] }))).toBe('approval-expired')
  const next = await ask([adId])
  app.clock.advance(late)
  expect(await reasonOf(app.as(owner).approvals.decide({ id: next, grant: true }))).toBe('approval-expired')
})

it('takes the first of two answers', async () => {
  const id = await ask([await addAd()])
  await app.as(owner).approvals.decide({ id, grant: false })
  expect(await reasonOf(app.as(owner).approvals.decide({ id, grant: true }))).toBe('approval-decided')
})

it('refuses what a manager denied', async () => {
  const adId = await addAd()
  const id = await ask([adId])
  await app.as(owner).approvals.decide({ id, grant: false })
  expect(await reasonOf(withApproval(id).ads.remove({ ids: [adId] }))).toBe('approval-denied')
})

it("lets a script's key delete without asking", async () => {
  const adId = await addAd()
  await app.as(app.key(owner, ['ads:write'], 'script')).ads.remove({ ids: [adId] })
  expect(await reasonOf(app.as(owner).ads.get({ id: adId }))).toBe('not-found')
})

it('lets no key decide, and no viewer', async () => {
  const id = await ask([await addAd()])
  expect(await reasonOf(app.as(agent).approvals.decide({ id, grant: true }))).toBe('not-allowed')
  expect(await reasonOf(app.as(await app.member(owner, 'viewer')).approvals.decide({ id, grant: true }))).toBe(
    'not-allowed',
  )
})

it('lets a runaway agent fill no more than twenty requests', async () => {
  const runaway = app.key(owner, ['ads:write'], 'agent')
  const ids = await Promise.all(Array.from({ length: 21 }, () => addAd()))
  for (const id of ids.slice(0, 20)) await ask([id], runaway)
  expect(await reasonOf(app.as(runaway).ads.remove({ ids: ids.slice(20) }))).toBe('approvals')
})
