import { randomUUID } from 'node:crypto'
import { basename } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Actor, Manager } from '../src/access.ts'
import { appRouter } from '../src/router.ts'
import { createTestApp, type TestApp } from './test-app.ts'
import { uploadThrough } from './upload-through.ts'

/**
 * The matrix of tenancy and access, generated from the router: every procedure, called as somebody else. A new procedure
 * without its row fails the first test.
 */
type Row =
  /** Takes the id of a thing of the tenant: with a foreign one it answers `not-found`. */
  | { readonly foreign: (theirs: Things) => unknown; readonly writes?: boolean; readonly as?: 'screen' | 'person' }
  /** Takes no id: what it gives has nothing of another tenant. */
  | { readonly own: unknown; readonly writes?: boolean; readonly as?: 'screen' | 'person' | 'operator' }
  /** For everybody, with or without an account. */
  | { readonly open: true }

type Things = {
  owner: Manager
  adId: string
  assetId: string
  uploadId: string
  screenId: string
  keyId: string
  invitationId: string
  memberId: string
  approvalId: string
  /** Of the ad's file, as it is stored. */
  filename: string
}

const rows: Record<string, Row> = {
  'accounts.serverState': { open: true },
  'accounts.setUp': { open: true },
  'accounts.signIn': { open: true },
  'accounts.signOut': { open: true },
  'accounts.invitation': { open: true },
  'accounts.acceptInvitation': { open: true },
  'accounts.me': { own: undefined, as: 'person' },
  'accounts.updateMe': { own: { name: 'Me' }, as: 'person' },
  'accounts.switchTenant': { foreign: ({ owner }) => ({ tenantId: owner.tenantId }), as: 'person' },
  'accounts.changePassword': { own: { current: 'not mine, at all', next: 'long enough now' }, as: 'person' },
  'accounts.sessions': { own: undefined, as: 'person' },
  'accounts.endSession': { foreign: ({ owner }) => ({ id: owner.sessionId }), as: 'person' },
  'accounts.signOutEverywhere': { own: undefined, as: 'person' },
  'activity.list': { own: {} },
  'ads.list': { own: {} },
  'ads.tags': { own: undefined },
  'ads.get': { foreign: ({ adId }) => ({ id: adId }) },
  'ads.create': { foreign: ({ assetId }) => ({ assetId }), writes: true },
  'ads.update': { foreign: ({ adId }) => ({ id: adId, title: 'Mine now' }), writes: true },
  'ads.move': { foreign: ({ adId }) => ({ id: adId, after: null }), writes: true },
  'ads.setEnabled': { foreign: ({ adId }) => ({ ids: [adId], enabled: false }), writes: true },
  'ads.tagMany': { foreign: ({ adId }) => ({ ids: [adId], add: ['x'] }), writes: true },
  'ads.remove': { foreign: ({ adId }) => ({ ids: [adId] }), writes: true },
  'ads.restore': { foreign: ({ adId }) => ({ ids: [adId] }), writes: true },
  'agents.playlist': { own: {} },
  'agents.next': { own: {} },
  'agents.current': { own: {} },
  'agents.refresh': { own: {} },
  'agents.stats': { own: {} },
  'agents.managementInfo': { own: {} },
  'agents.search': { own: {} },
  'agents.remove': { foreign: ({ adId }) => ({ id: adId }), writes: true },
  'agents.update': { foreign: ({ adId }) => ({ id: adId, title: 'Mine now' }), writes: true },
  'agents.createUpload': { own: { filename: 'a.png', size_bytes: 10 }, writes: true },
  'agents.continueUpload': { foreign: ({ uploadId }) => ({ upload_id: uploadId }), writes: true },
  'agents.completeUpload': { foreign: ({ uploadId }) => ({ upload_id: uploadId }), writes: true },
  'agents.cancelUpload': { foreign: ({ uploadId }) => ({ upload_id: uploadId }), writes: true },
  'agents.screens': { own: {} },
  'agents.play': { foreign: ({ adId, screenId }) => ({ id: adId, screen_id: screenId }), writes: true },
  'agents.approval': { foreign: ({ approvalId }) => ({ approval_id: approvalId }), writes: true },
  'approvals.list': { own: undefined },
  'approvals.decide': { foreign: ({ approvalId }) => ({ id: approvalId, grant: true }), writes: true },
  'keys.list': { own: undefined, writes: true },
  'keys.create': { own: { name: 'k', scopes: ['ads:read'] }, writes: true },
  'keys.revoke': { foreign: ({ keyId }) => ({ id: keyId }), writes: true },
  'live.changes': { own: {} },
  'live.pairing': { open: true },
  'live.screen': { own: {}, as: 'screen' },
  'media.list': { own: {} },
  'media.delete': { foreign: ({ filename }) => ({ filename }), writes: true },
  'members.list': { own: undefined },
  'members.setRole': { foreign: ({ memberId }) => ({ userId: memberId, role: 'viewer' }), writes: true },
  'members.remove': { foreign: ({ memberId }) => ({ userId: memberId }), writes: true },
  'members.invitations': { own: undefined, writes: true },
  'members.invite': { own: { role: 'viewer' }, writes: true },
  'members.revokeInvitation': { foreign: ({ invitationId }) => ({ id: invitationId }), writes: true },
  'player.startPairing': { open: true },
  'player.pairingState': { open: true },
  'player.manifest': { own: undefined, as: 'screen' },
  'player.report': { own: { revision: 1, adId: null }, as: 'screen' },
  'screens.list': { own: undefined },
  'screens.update': { foreign: ({ screenId }) => ({ id: screenId, name: 'Mine' }), writes: true },
  'screens.revoke': { foreign: ({ screenId }) => ({ id: screenId }), writes: true },
  'screens.playNow': { foreign: ({ adId, screenId }) => ({ id: screenId, adId }), writes: true },
  'screens.plays': { own: {} },
  'screens.confirmPairing': { foreign: () => ({ code: 'ABCDEF', name: 'Mine' }), writes: true },
  'tenants.current': { own: undefined },
  'tenants.update': { own: { name: 'Mine' }, writes: true },
  'tenants.usage': { own: undefined },
  'tenants.setQuota': { own: { id: 'new-one', ads: 10 }, as: 'operator' },
  'tenants.listAll': { own: undefined, as: 'operator' },
  'tenants.create': { own: { id: 'new-one', name: 'New' }, as: 'operator' },
  'uploads.create': { own: { fileName: 'a.png', size: 10 }, writes: true },
  'uploads.list': { own: {}, writes: true },
  'uploads.get': { foreign: ({ uploadId }) => ({ id: uploadId }), writes: true },
  'uploads.sign': { foreign: ({ uploadId }) => ({ id: uploadId, parts: [1] }), writes: true },
  'uploads.complete': { foreign: ({ uploadId }) => ({ id: uploadId }), writes: true },
  'uploads.cancel': { foreign: ({ uploadId }) => ({ id: uploadId }), writes: true },
}

// tRPC's record of a router, the only list that has every procedure.
const procedures = Object.keys((appRouter._def as unknown as { procedures: Record<string, unknown> }).procedures).sort()

let app: TestApp
let ours: Things
let theirs: Things

async function fill(owner: Manager): Promise<Things> {
  const caller = app.as(owner)
  const { r, g, b } = {
    r: Math.floor(Math.random() * 256),
    g: Math.floor(Math.random() * 256),
    b: Math.floor(Math.random() * 256),
  }
  const bytes = await sharp({ create: { width: 64, height: 64, channels: 3, background: { r, g, b } } })
    .png()
    .toBuffer()
  const { asset, ad } = await uploadThrough(app, owner, { bytes, fileName: 'own.png', ad: { tags: [owner.tenantId] } })
  const upload = await caller.uploads.create({ fileName: 'begun.png', size: 1_000 })
  const { key } = await caller.keys.create({ name: 'key', scopes: ['ads:read'] })
  const { invitation } = await caller.members.invite({ role: 'viewer' })
  const agent = app.key(owner, ['ads:write'], 'agent')
  await app
    .as(agent)
    .ads.remove({ ids: [ad?.id ?? ''] })
    .catch(() => {})
  const [approval] = (await caller.approvals.list()).items
  const member = await app.member(owner, 'editor')
  const screenId = await app.screen(owner)
  return {
    owner,
    adId: ad?.id ?? '',
    assetId: asset.id,
    uploadId: upload.id,
    screenId,
    keyId: key.id,
    invitationId: invitation.id,
    memberId: member.userId,
    approvalId: approval?.id ?? '',
    filename: basename(new URL(asset.url).pathname),
  }
}

async function call(actor: Actor | null, path: string, input: unknown): Promise<unknown> {
  const [group = '', name = ''] = path.split('.')
  // The path comes from the router itself, and the row's input is the procedure's.
  const procedure = (app.as(actor) as unknown as Record<string, Record<string, (input: unknown) => Promise<unknown>>>)[
    group
  ]?.[name]
  const answer = await procedure?.(input)
  return isIterable(answer) ? firstOf(answer) : answer
}

function isIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

async function firstOf(stream: AsyncIterable<unknown>): Promise<unknown> {
  for await (const one of stream) return one
  return null
}

const codeOf = (error: unknown) => (error as { cause?: { code?: string } }).cause?.code ?? String(error)
const refusal = (work: Promise<unknown>) =>
  work.then(
    (answer) => `answered ${JSON.stringify(answer)}`,
    (error) => codeOf(error),
  )

beforeAll(async () => {
  app = await createTestApp()
  ours = await fill(await app.tenant())
  theirs = await fill(await app.tenant())
}, 60_000)
afterAll(() => app?.[Symbol.asyncDispose]())

it('has a row for every procedure of the router, and no other', () => {
  expect(Object.keys(rows).sort()).toEqual(procedures)
})

describe.each(procedures.filter((path) => rows[path] && !('open' in rows[path])))('%s', (path) => {
  const row = rows[path] as Exclude<Row, { open: true }>
  const inputFor = (things: Things) => ('foreign' in row ? row.foreign(things) : row.own)
  const actorOf = (things: Things): Actor =>
    row.as === 'screen' ? app.screenActor(things.owner, things.screenId) : things.owner

  it('is refused without a credential', async () => {
    expect(await refusal(call(null, path, inputFor(ours)))).toBe('not-signed-in')
  })

  it('is refused to the wrong kind of actor', async () => {
    const wrong = row.as === 'screen' ? ours.owner : app.screenActor(ours.owner, ours.screenId)
    expect(await refusal(call(wrong, path, inputFor(ours)))).toBe('not-signed-in')
  })

  if ('foreign' in row)
    it("answers not-found for another tenant's thing, and leaves it as it is", async () => {
      const before = await app.as(theirs.owner).ads.get({ id: theirs.adId })
      expect(await refusal(call(actorOf(ours), path, inputFor(theirs)))).toBe('not-found')
      expect(await app.as(theirs.owner).ads.get({ id: theirs.adId })).toEqual(before)
    })

  if ('foreign' in row)
    it('answers not-found for an id that nobody has', async () => {
      const nobody = { ...theirs, owner: { ...theirs.owner, tenantId: 'nobody', sessionId: randomUUID() } }
      for (const name of ['adId', 'assetId', 'uploadId', 'screenId', 'keyId', 'invitationId', 'memberId'] as const)
        nobody[name] = randomUUID()
      expect(await refusal(call(actorOf(ours), path, inputFor(nobody)))).toBe('not-found')
    })

  if ('own' in row && row.as !== 'operator' && row.as !== 'person' && !row.writes)
    it('gives nothing of another tenant', async () => {
      const answer = JSON.stringify(await call(actorOf(ours), path, inputFor(ours)))
      for (const value of [
        theirs.owner.tenantId,
        theirs.adId,
        theirs.assetId,
        theirs.screenId,
        theirs.keyId,
        theirs.owner.userId,
        theirs.memberId,
      ]) {
        expect(answer).not.toContain(value)
      }
    })

  if (row.writes)
    it('is refused to a viewer', async () => {
      const viewer = await app.member(ours.owner, 'viewer')
      expect(await refusal(call(viewer, path, inputFor(ours)))).toBe('not-allowed')
    })

  if (row.as === undefined)
    it('is refused to a key without the scope', async () => {
      expect(await refusal(call(app.key(ours.owner, []), path, inputFor(ours)))).toBe('not-allowed')
    })

  if (row.as === 'operator')
    it('is refused to an owner who is no operator', async () => {
      expect(await refusal(call(ours.owner, path, inputFor(ours)))).toBe('not-allowed')
    })
})

describe('media', () => {
  it("gives nothing of a tenant for another one's signature", async () => {
    const [mine, foreign] = await Promise.all([
      app.as(ours.owner).ads.get({ id: ours.adId }),
      app.as(theirs.owner).ads.get({ id: theirs.adId }),
    ])
    const [path] = foreign.asset.url.split('?')
    const [, signature] = mine.asset.url.split('?')
    expect((await app.fetch(foreign.asset.url)).status).toBe(200)
    expect((await app.fetch(`${path}?${signature}`)).status).toBe(403)
  })

  it("takes no part for another tenant's upload", async () => {
    const [mine] = (await app.as(ours.owner).uploads.sign({ id: ours.uploadId, parts: [1] })).parts
    const [foreign] = (await app.as(theirs.owner).uploads.sign({ id: theirs.uploadId, parts: [1] })).parts
    const mixed = `${foreign?.url.split('?')[0]}?${mine?.url.split('?')[1]}`
    expect((await app.fetch(mixed, { method: 'PUT', body: new Uint8Array(1_000) })).status).toBe(403)
  })
})
