import { describe, expect, test, vi } from 'vitest'
import { openBrowser } from '../browser.ts'
import { marquee } from '../marquee.ts'
import { createTestApp } from '../test-app.ts'

async function withTenant() {
  const app = await createTestApp()
  await app.tenant('client_001')
  return app
}

describe('the command line, beside a server that has the database open', { timeout: 240_000 }, () => {
  test('makes tenants and people who can sign in', async () => {
    await using app = await createTestApp()
    expect(await marquee(app, ['tenant', 'create', 'client_001', '--name', 'One'])).toMatchObject({ code: 0 })
    const tenants = await marquee(app, ['tenant', 'list', '--json'])
    expect(JSON.parse(tenants.stdout)).toMatchObject([{ id: 'client_001', name: 'One', timeZone: 'UTC' }])
    const made = await marquee(app, ['user', 'create', 'Ada@Example.com', '--tenant', 'client_001', '--role', 'editor'])
    expect(made.stdout).toMatch(/^\S{20}\n$/)
    const signedIn = await openBrowser(app).call((api) =>
      api.accounts.signIn({ email: 'ada@example.com', password: made.stdout.trim() }),
    )
    expect(signedIn).toMatchObject({ role: 'editor', tenant: { id: 'client_001' }, operator: false })
    const users = await marquee(app, ['user', 'list', '--json'])
    expect(JSON.parse(users.stdout)).toEqual([
      { email: 'ada@example.com', name: 'Ada', operator: 'no', tenants: 'client_001:editor' },
    ])
    expect(users.stdout).not.toContain(made.stdout.trim())
  })
  test('gives somebody with an account a role in one more tenant', async () => {
    await using app = await withTenant()
    await marquee(app, ['tenant', 'create', 'client_002', '--name', 'Two', '--time-zone', 'Asia/Shanghai'])
    const create = ['user', 'create', 'ada@example.com', '--tenant']
    const first = await marquee(app, [...create, 'client_001', '--password', 'a long password', '--operator'])
    expect(first).toMatchObject({ code: 0, stdout: '' })
    expect(await marquee(app, [...create, 'client_002', '--role', 'viewer'])).toMatchObject({ code: 0, stdout: '' })
    const signedIn = await openBrowser(app).call((api) =>
      api.accounts.signIn({ email: 'ada@example.com', password: 'a long password' }),
    )
    expect(signedIn.operator).toBe(true)
    expect(signedIn.tenants.map(({ id, role }) => [id, role])).toEqual([
      ['client_001', 'owner'],
      ['client_002', 'viewer'],
    ])
    expect(await marquee(app, [...create, 'client_002'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('member of this tenant already'),
    })
  })
  test('prints a key alone on stdout, once, and a key that it revoked is refused within 1 s', async () => {
    await using app = await withTenant()
    const made = await marquee(app, [
      'key',
      'create',
      '--tenant',
      'client_001',
      '--scopes',
      'ads:read,ads:write',
      '--name',
      'Till',
    ])
    expect(made.stdout).toMatch(/^mq_\S{43}\n$/)
    const script = openBrowser(app, { key: made.stdout.trim() })
    await script.call((api) => api.ads.list({}))
    const list = await marquee(app, ['key', 'list', '--tenant', 'client_001', '--json'])
    const [key] = JSON.parse(list.stdout)
    expect(key).toMatchObject({ name: 'Till', scopes: 'ads:read,ads:write', prefix: made.stdout.slice(0, 9) })
    expect(list.stdout).not.toContain(made.stdout.trim())
    let heard = 0
    app.events.listen(({ kind, subjectId }) => {
      if (kind === 'access.changed' && subjectId === key.id) heard = performance.now()
    })
    const revoked = await marquee(app, ['key', 'revoke', key.id])
    const ended = performance.now()
    expect(revoked).toMatchObject({ code: 0 })
    await vi.waitFor(
      () =>
        expect(script.call((api) => api.ads.list({}))).rejects.toMatchObject({ cause: { code: 'wrong-credentials' } }),
      1000,
    )
    await vi.waitFor(() => expect(heard).toBeGreaterThan(0), 1000)
    expect(heard - ended).toBeLessThan(1000)
  })
})

describe('the command line', { timeout: 240_000 }, () => {
  test('shows how each command is used, with an example', async () => {
    await using app = await createTestApp()
    const commands = [
      '',
      'serve',
      'tenant create',
      'tenant list',
      'user create',
      'user list',
      'key create',
      'key list',
      'key revoke',
      'ads list',
      'ads upload',
      'ads delete',
      'screens list',
      'backup',
      'restore',
      'doctor',
    ]
    const shown = await Promise.all(
      commands.map((command) => marquee(app, [...command.split(' ').filter(Boolean), '--help'])),
    )
    for (const { code, stdout } of shown) {
      expect(code).toBe(0)
      expect(stdout).toMatch(/Examples?:\n {2}\S/)
    }
  })
  test('refuses with one sentence and exit code 1', async () => {
    await using app = await withTenant()
    const refused = [
      [
        ['tenant', 'create', 'client_001', '--name', 'Again'],
        'There is a tenant "client_001" already. Choose another id\n',
      ],
      [['key', 'create', '--tenant', 'nope', '--scopes', 'ads:read'], 'There is no tenant "nope"\n'],
    ] as const
    for (const [args, stderr] of refused) expect(await marquee(app, args)).toEqual({ code: 1, stdout: '', stderr })
  })
  test('tells wrong use with exit code 2', async () => {
    await using app = await withTenant()
    const wrong = [
      ['nonsense'],
      ['tenant', 'create', 'client_002'],
      ['tenant', 'create', '../etc', '--name', 'X'],
      ['tenant', 'create', 'client_002', '--name', 'X', '--time-zone', 'Mars/Olympus'],
      ['user', 'create', 'no-address', '--tenant', 'client_001'],
      ['user', 'create', 'a@example.com'],
      ['user', 'create', 'a@example.com', '--tenant', 'client_001', '--role', 'king'],
      ['user', 'create', 'a@example.com', '--tenant', 'client_001', '--password', 'short'],
      ['key', 'create', '--tenant', 'client_001', '--scopes', 'everything'],
      ['key', 'create', '--tenant', 'client_001', '--scopes', 'ads:read', '--expires', 'tomorrow'],
    ]
    for (const args of wrong) {
      const { code, stdout, stderr } = await marquee(app, args)
      expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' })
      expect(stderr).not.toBe('')
    }
  })
  test('names every setting that does not fit, with exit code 78', async () => {
    await using app = await createTestApp()
    const { code, stderr } = await marquee(app, ['tenant', 'list'], { MARQUEE_PORT: 'x', MARQUEE_NONSENSE: '1' })
    expect(code).toBe(78)
    expect(stderr).toContain('MARQUEE_PORT')
    expect(stderr).toContain('MARQUEE_NONSENSE')
  })
  test('prints no colour into a pipe', async () => {
    await using app = await withTenant()
    const { stdout } = await marquee(app, ['tenant', 'list'], { NO_COLOR: '1' })
    expect(stdout).toMatch(/^ID +NAME +TIME ZONE +CREATED AT\nclient_001 +client_001 +UTC +2/)
  })
})
