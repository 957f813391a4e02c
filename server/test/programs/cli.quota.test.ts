import { expect, it } from 'vitest'
import { marquee } from '../marquee.ts'
import { createTestApp } from '../test-app.ts'

it('limits a tenant by the command line, and shows what it uses', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant('client_001')
  const quota = (...args: string[]) => marquee(app, ['tenant', 'quota', 'client_001', ...args])
  const set = await quota('--bytes', '10GB', '--ads', '100', '--keys', '0')
  expect(set).toMatchObject({ code: 0, stdout: expect.stringMatching(/bytes +0 +10000000000/) })
  const refused = app.as(owner).keys.create({ name: 'k', scopes: ['ads:read'] })
  await expect(refused).rejects.toMatchObject({ cause: { code: 'quota', reason: 'quota-keys' } })
  const { stdout } = await quota('--ads', 'none', '--json')
  expect(JSON.parse(stdout)).toMatchObject({ bytes: { limit: 10_000_000_000 }, ads: { used: 0, limit: null } })
  for (const wrong of [
    ['--bytes', 'lots'],
    ['--ads', '-3'],
    ['--screens', '1.5'],
  ])
    expect(await quota(...wrong)).toMatchObject({ code: 2, stderr: expect.stringContaining('or none') })
  const unknown = await marquee(app, ['tenant', 'quota', 'nobody', '--ads', '1'])
  expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('no tenant "nobody"') })
})
