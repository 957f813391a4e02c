import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Manager } from '../../src/access.ts'
import { picture } from '../fixtures/pictures.ts'
import { marquee } from '../marquee.ts'
import { createTestApp, type TestApp } from '../test-app.ts'
import { uploadThrough } from '../upload-through.ts'

/**
 * The matrix of tenancy of the command line, generated from its help: every command that takes `--tenant`, run for one
 * tenant with the things of another. A new command without its row fails.
 */
const rows: Record<string, (theirs: { adId: string; file: string }) => string[]> = {
  'ads list': () => ['--all', '--json'],
  'ads upload': ({ file }) => [file],
  'ads delete': ({ adId }) => ['--yes', adId],
  'key create': () => ['--scopes', 'ads:read'],
  'key list': () => ['--json'],
  'screens list': () => ['--json'],
  'user create': () => ['new@example.com'],
}

let app: TestApp
let other: Manager
let theirs: { adId: string; file: string }
let before = ''

beforeAll(async () => {
  app = await createTestApp()
  await app.tenant('client_001')
  other = await app.tenant('client_002')
  const { ad } = await uploadThrough(app, other, { bytes: await picture('png'), fileName: 'secret.png', ad: {} })
  await app.screen(other)
  await app.as(other).keys.create({ name: 'Secret key', scopes: ['ads:read'], purpose: 'script' })
  const file = join(mkdtempSync(join(tmpdir(), 'marquee-cli-tenancy-')), 'own.png')
  writeFileSync(file, await picture('png', { seed: 7 }))
  theirs = { adId: ad?.id ?? '', file }
  before = await everythingOf(other)
}, 60_000)
afterAll(() => app[Symbol.asyncDispose]())

async function everythingOf(owner: Manager): Promise<string> {
  const as = app.as(owner)
  return JSON.stringify([await as.ads.list({}), await as.screens.list(), await as.keys.list(), await as.members.list()])
}

/** The names of the commands below one, as its help lists them. */
async function commandsOf(path: readonly string[]): Promise<string[]> {
  const { stdout } = await marquee(app, [...path, '--help'])
  // What follows an empty line are examples.
  const [list = ''] = stdout.split(/^Commands:$/m)[1]?.split('\n\n') ?? []
  return [...list.matchAll(/^ {2}(\w[\w-]*)/gm)].map(([, name = '']) => name).filter((name) => name !== 'help')
}

async function commandsWithTenant(path: readonly string[] = []): Promise<string[]> {
  const below = path.length < 2 ? await commandsOf(path) : []
  const found: string[] = []
  for (const name of below) found.push(...(await commandsWithTenant([...path, name])))
  if (below.length > 0) return found
  const { stdout } = await marquee(app, [...path, '--help'])
  return stdout.includes('--tenant') ? [path.join(' ')] : []
}

it('has a row for every command that takes a tenant', { timeout: 240_000 }, async () => {
  expect((await commandsWithTenant()).sort()).toEqual(Object.keys(rows).sort())
})

it.each(Object.keys(rows))('%s gives and changes nothing of another tenant', { timeout: 120_000 }, async (command) => {
  const { stdout, stderr } = await marquee(app, [
    ...command.split(' '),
    '--tenant',
    'client_001',
    ...(rows[command]?.(theirs) ?? []),
  ])
  for (const text of [stdout, stderr]) expect(text).not.toMatch(/secret/i)
  expect(await everythingOf(other)).toBe(before)
})
