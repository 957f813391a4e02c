import { invitationLifetimeMs } from '@marquee/shared/tenants.ts'
import { describe, expect, test } from 'vitest'
import { ada, type Browser, invite, openBrowser, openMember, openOwner } from '../../../test/browser.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { findManager } from '../accounts/accounts.usecases.ts'

const me = (browser: Browser) => browser.call((api) => api.accounts.me())
const bob = { name: 'Bob', email: 'bob@example.com', password: 'password of bob' }

describe('a tenant', () => {
  test('changes its name, zone and duration of pictures, and screens hear of what they show', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant('one')
    const before = await app.as(owner).tenants.current()
    expect(before).toMatchObject({ id: 'one', timeZone: 'UTC', pictureDurationMs: 10_000 })
    const revision = async () => (await app.db.read.select().from(app.db.read.tables.tenants))[0]?.revision
    await app.as(owner).tenants.update({ name: 'The One' })
    expect(await revision()).toBe(1)
    const changed = await app.as(owner).tenants.update({ timeZone: 'Asia/Shanghai', pictureDurationMs: 5000 })
    expect(changed).toMatchObject({ name: 'The One', timeZone: 'Asia/Shanghai', pictureDurationMs: 5000 })
    expect(await revision()).toBe(2)
    const { items } = await app.as(owner).activity.list({ subject: 'tenant' })
    expect(items[0]).toMatchObject({
      action: 'tenant.update',
      detail: { timeZone: 'Asia/Shanghai', pictureDurationMs: 5000 },
    })
  })
  test('refuses a zone that is none, and a name of nothing', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    for (const change of [{ timeZone: 'Mars/Olympus' }, { name: ' \u200b ' }, { pictureDurationMs: -1 }]) {
      await expect(app.as(owner).tenants.update(change)).rejects.toMatchObject({ cause: { code: 'bad-input' } })
    }
  })
  test('is not changed by editors, viewers and keys', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const others = [await app.member(owner, 'editor'), await app.member(owner, 'viewer'), app.key(owner, ['ads:write'])]
    for (const actor of others) {
      await expect(app.as(actor).tenants.update({ name: 'Mine' })).rejects.toMatchObject({
        cause: { code: 'not-allowed' },
      })
    }
  })
  test('is made and listed by operators alone', async () => {
    await using app = await createTestApp()
    const operator = await openOwner(app)
    const viewer = await openMember(app, operator, 'viewer')
    const input = { id: 'client_002', name: 'Two' }
    await expect(viewer.call((api) => api.tenants.create(input))).rejects.toMatchObject({
      cause: { code: 'not-allowed' },
    })
    await expect(viewer.call((api) => api.tenants.listAll())).rejects.toMatchObject({ cause: { code: 'not-allowed' } })
    await operator.call((api) => api.tenants.create(input))
    expect((await operator.call((api) => api.tenants.listAll())).items.map(({ id }) => id)).toEqual([
      'ada_co',
      'client_002',
    ])
    const again = operator.call((api) => api.tenants.create(input))
    await expect(again).rejects.toMatchObject({ cause: { code: 'conflict', reason: 'tenant-exists' } })
    expect((await me(operator)).tenants.map(({ id }) => id)).toEqual(['ada_co', 'client_002'])
  })
  test('has an id that fits into keys of storage', async () => {
    await using app = await createTestApp()
    const operator = await openOwner(app)
    for (const id of ['../etc', 'A', 'a', 'con/x', '', 'x'.repeat(51), '_a']) {
      await expect(operator.call((api) => api.tenants.create({ id, name: 'X' }))).rejects.toMatchObject({
        cause: { code: 'bad-input' },
      })
    }
  })
})

describe('a person in several tenants', () => {
  test('switches between them, and not into others', async () => {
    await using app = await createTestApp()
    const operator = await openOwner(app)
    await operator.call((api) => api.tenants.create({ id: 'client_002', name: 'Two' }))
    await app.tenant('client_003')
    await operator.call((api) => api.accounts.switchTenant({ tenantId: 'client_002' }))
    expect(await findManager(app.deps, operator.headers())).toMatchObject({ tenantId: 'client_002' })
    expect((await operator.call((api) => api.tenants.current())).id).toBe('client_002')
    const wrong = operator.call((api) => api.accounts.switchTenant({ tenantId: 'client_003' }))
    await expect(wrong).rejects.toMatchObject({ cause: { code: 'not-found' } })
  })
})

describe('members', () => {
  test('have roles, which owners change, at once', async () => {
    await using app = await createTestApp()
    const owner = await openOwner(app)
    const editor = await openMember(app, owner, 'editor')
    const { user } = await me(editor)
    const invited = () => editor.call((api) => api.members.invite({ role: 'viewer' }))
    await expect(invited()).rejects.toMatchObject({ cause: { code: 'not-allowed' } })
    expect(await owner.call((api) => api.members.setRole({ userId: user.id, role: 'owner' }))).toMatchObject({
      role: 'owner',
    })
    await invited()
    const { items } = await owner.call((api) => api.members.list())
    expect(items.map(({ email, role }) => [email, role])).toEqual([
      [ada.email, 'owner'],
      ['editor@example.com', 'owner'],
    ])
    expect(items[0]?.lastSeenAt).not.toBeNull()
  })
  test('who were removed are refused at once, and their subscriptions are told', async () => {
    await using app = await createTestApp()
    const owner = await openOwner(app)
    const viewer = await openMember(app, owner, 'viewer')
    const { user } = await me(viewer)
    await viewer.call((api) => api.members.list())
    const heard: unknown[] = []
    app.events.listen(({ tenantId, kind, subjectId }) => heard.push([tenantId, kind, subjectId]))
    await owner.call((api) => api.members.remove({ userId: user.id }))
    await expect(viewer.call((api) => api.members.list())).rejects.toMatchObject({ cause: { code: 'not-signed-in' } })
    expect(await me(viewer)).toMatchObject({ tenant: null, role: null, tenants: [] })
    expect(heard).toContainEqual(['ada_co', 'access.changed', user.id])
  })
  test('are changed by owners alone', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    for (const actor of [
      await app.member(owner, 'viewer'),
      await app.member(owner, 'editor'),
      app.key(owner, ['ads:write']),
    ]) {
      const api = app.as(actor)
      const refused = [
        api.members.setRole({ userId: owner.userId, role: 'viewer' }),
        api.members.remove({ userId: owner.userId }),
        api.members.invite({ role: 'owner' }),
        api.members.invitations(),
      ]
      for (const one of refused) await expect(one).rejects.toMatchObject({ cause: { code: 'not-allowed' } })
    }
  })
  test('keep one owner: the last can be neither removed nor demoted', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const api = app.as(owner)
    const lastOwner = { cause: { code: 'conflict', reason: 'last-owner' } }
    await expect(api.members.remove({ userId: owner.userId })).rejects.toMatchObject(lastOwner)
    await expect(api.members.setRole({ userId: owner.userId, role: 'editor' })).rejects.toMatchObject(lastOwner)
    const second = await app.member(owner, 'owner')
    const both = [owner, second].map(({ userId }) => api.members.setRole({ userId, role: 'viewer' }))
    const done = (await Promise.allSettled(both)).map(({ status }) => status)
    expect(done.sort()).toEqual(['fulfilled', 'rejected'])
  })
  test('of another tenant are not there', async () => {
    await using app = await createTestApp()
    const [owner, stranger] = [await app.tenant(), await app.tenant()]
    const api = app.as(owner)
    const refused = { cause: { code: 'not-found' } }
    await expect(api.members.setRole({ userId: stranger.userId, role: 'viewer' })).rejects.toMatchObject(refused)
    await expect(api.members.remove({ userId: stranger.userId })).rejects.toMatchObject(refused)
    const { invitation } = await app.as(stranger).members.invite({ role: 'viewer' })
    await expect(api.members.revokeInvitation({ id: invitation.id })).rejects.toMatchObject(refused)
    expect((await api.members.invitations()).items).toEqual([])
  })
})

describe('an invitation', () => {
  test('makes an account for somebody new, who is then signed in with the role', async () => {
    await using app = await createTestApp()
    const owner = await openOwner(app)
    const token = await invite(owner, { role: 'editor', email: 'Bob@Example.com' })
    const browser = openBrowser(app)
    const offer = await browser.call((api) => api.accounts.invitation({ token }))
    expect(offer).toMatchObject({ tenantName: 'Ada & Co', role: 'editor', email: bob.email, invitedBy: 'Ada' })
    const joined = await browser.call((api) => api.accounts.acceptInvitation({ token, ...bob }))
    expect(joined).toMatchObject({
      operator: false,
      role: 'editor',
      tenant: { id: 'ada_co' },
      user: { email: bob.email },
    })
    expect(await me(browser)).toMatchObject({ role: 'editor' })
  })
  test('adds a tenant to a person who is signed in, and looks at it', async () => {
    await using app = await createTestApp()
    const owner = await openOwner(app)
    const bobs = await openMember(app, owner, 'viewer', 'bob')
    await owner.call((api) => api.tenants.create({ id: 'client_002', name: 'Two' }))
    await owner.call((api) => api.accounts.switchTenant({ tenantId: 'client_002' }))
    const token = await invite(owner, { role: 'owner', email: bob.email })
    const joined = await bobs.call((api) => api.accounts.acceptInvitation({ token }))
    expect(joined).toMatchObject({ tenant: { id: 'client_002' }, role: 'owner' })
    expect(joined.tenants.map(({ id, role }) => [id, role])).toEqual([
      ['ada_co', 'viewer'],
      ['client_002', 'owner'],
    ])
    expect((await bobs.call((api) => api.tenants.current())).id).toBe('client_002')
  })
  test('works once, also for two at the same time', async () => {
    await using app = await createTestApp()
    const owner = await openOwner(app)
    const token = await invite(owner, { role: 'viewer' })
    const join = (n: number) =>
      openBrowser(app).call((api) => api.accounts.acceptInvitation({ ...bob, token, email: `b${n}@example.com` }))
    const done = await Promise.allSettled([join(1), join(2)])
    expect(done.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const late = openBrowser(app).call((api) => api.accounts.invitation({ token }))
    await expect(late).rejects.toMatchObject({ cause: { code: 'gone', reason: 'invitation-used' } })
    expect((await owner.call((api) => api.members.list())).items).toHaveLength(2)
    const { users } = app.db.read.tables
    expect(await app.db.read.select().from(users)).toHaveLength(2)
  })
  test('is over after 7 days, or when it is revoked', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const [one, two] = [
      await app.as(owner).members.invite({ role: 'viewer' }),
      await app.as(owner).members.invite({ role: 'viewer' }),
    ]
    const look = ({ url }: { url: string }) =>
      app.as(null).accounts.invitation({ token: url.split('/invite/')[1] ?? '' })
    await app.as(owner).members.revokeInvitation({ id: two.invitation.id })
    await expect(look(two)).rejects.toMatchObject({ cause: { code: 'not-found' } })
    expect((await app.as(owner).members.invitations()).items.map(({ id }) => id)).toEqual([one.invitation.id])
    await look(one)
    app.clock.advance(invitationLifetimeMs)
    await expect(look(one)).rejects.toMatchObject({ cause: { code: 'link-expired' } })
    expect((await app.as(owner).members.invitations()).items).toEqual([])
  })
  test('is for its address alone, and an account that exists must sign in first', async () => {
    await using app = await createTestApp()
    const owner = await openOwner(app)
    const forBob = await invite(owner, { role: 'viewer', email: bob.email })
    const accept = (browser: Browser, token: string, email: string) =>
      browser.call((api) => api.accounts.acceptInvitation({ ...bob, token, email }))
    const eve = accept(openBrowser(app), forBob, 'eve@example.com')
    await expect(eve).rejects.toMatchObject({ cause: { code: 'conflict', reason: 'other-email' } })
    const forAnyone = await invite(owner, { role: 'viewer' })
    const known = accept(openBrowser(app), forAnyone, ada.email)
    await expect(known).rejects.toMatchObject({ cause: { code: 'conflict', reason: 'account-exists' } })
    const twice = owner.call((api) => api.accounts.acceptInvitation({ token: forAnyone }))
    await expect(twice).rejects.toMatchObject({ cause: { code: 'conflict', reason: 'already-member' } })
    await accept(openBrowser(app), forAnyone, bob.email)
  })
  test('cannot be guessed: wrong tokens are counted by address', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const { url } = await app.as(owner).members.invite({ role: 'viewer' })
    const look = (token: string, address: string) => app.as(null, { address }).accounts.invitation({ token })
    for (let n = 0; n < 5; n++)
      await expect(look(`${'x'.repeat(42)}${n}`, '192.0.2.1')).rejects.toMatchObject({ cause: { code: 'not-found' } })
    const token = url.split('/invite/')[1] ?? ''
    await expect(look(token, '192.0.2.1')).rejects.toMatchObject({ cause: { code: 'too-many-attempts' } })
    await look(token, '192.0.2.2')
  })
  test('has a link that the database does not know in clear', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const { url } = await app.as(owner).members.invite({ role: 'viewer' })
    const token = url.split('/invite/')[1] ?? ''
    const { invitations, activity, events } = app.db.read.tables
    const rows = await Promise.all([invitations, activity, events].map((table) => app.db.read.select().from(table)))
    expect(token).toHaveLength(43)
    expect(JSON.stringify(rows)).not.toContain(token)
  })
})
