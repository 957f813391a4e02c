import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { serveAssets } from './assets.ts'

const script = 'console.log("start")'

function setUp() {
  const root = mkdtempSync(join(tmpdir(), 'marquee-assets-'))
  const [panel, player] = [join(root, 'panel'), join(root, 'player')]
  for (const folder of [join(panel, '_app/immutable'), player]) mkdirSync(folder, { recursive: true })
  writeFileSync(join(root, 'secret'), 'never')
  writeFileSync(join(panel, 'index.html'), `<p>Panel</p><script>${script}</script><script src="/x.js"></script>`)
  writeFileSync(join(panel, '_app/immutable/app.js'), 'run()')
  writeFileSync(join(player, 'index.html'), 'Player')
  const serve = serveAssets({ panel, player })
  return (path: string, headers: Record<string, string> = {}) =>
    serve(new Request(new URL(path, 'http://localhost'), { headers }))
}

it('gives the panel for each of its pages, and the player under its own path', async () => {
  const get = setUp()
  for (const path of ['/', '/screens', '/setup/abc']) expect(await (await get(path))?.text()).toContain('Panel')
  expect(await (await get('/player/'))?.text()).toBe('Player')
  expect((await get('/player'))?.headers.get('location')).toBe('/player/')
})

it('has nothing for missing files', async () => {
  const get = setUp()
  for (const path of ['/none.js', '/player/none.js', '/%00', '/%zz']) expect(await get(path)).toBeNull()
})

it('never leaves its two folders', async () => {
  const get = setUp()
  for (const path of [
    '/%2e%2e/secret',
    '/player/..%2f..%2fsecret',
    '/..%5csecret',
    '/player/%2e%2e/%2e%2e/secret',
    '/..%2fsecret',
  ]) {
    expect((await (await get(path))?.text()) ?? '').not.toContain('never')
  }
})

it('lets browsers keep hashed files for ever and ask for pages each time', async () => {
  const get = setUp()
  expect((await get('/_app/immutable/app.js'))?.headers.get('cache-control')).toBe(
    'public, max-age=31536000, immutable',
  )
  const page = await get('/')
  expect(page?.headers.get('cache-control')).toBe('no-cache')
  expect((await get('/', { 'if-none-match': page?.headers.get('etag') ?? '' }))?.status).toBe(304)
})

it('allows exactly the scripts that stand in a page', async () => {
  const policy = (await setUp()('/'))?.headers.get('content-security-policy')
  expect(policy).toContain(`script-src 'self' 'sha256-${createHash('sha256').update(script).digest('base64')}';`)
})
