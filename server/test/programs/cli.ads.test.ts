import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Manager } from '../../src/access.ts'
import { holdFolder, version, writeNote } from '../../src/runtime/folder-lock.ts'
import { picture } from '../fixtures/pictures.ts'
import { marquee } from '../marquee.ts'
import { createTestApp, type TestApp } from '../test-app.ts'

const folder = mkdtempSync(join(tmpdir(), 'marquee-cli-ads-'))
const tenant = ['--tenant', 'client_001']
let app: TestApp
let owner: Manager

beforeAll(async () => {
  app = await createTestApp()
  owner = await app.tenant('client_001')
  mkdirSync(join(folder, 'ads'))
  for (const [seed, name] of ['夏季.png', 'b.png', 'c.png'].entries())
    writeFileSync(join(folder, 'ads', name), await picture('png', { seed: seed + 1 }))
  writeFileSync(join(folder, 'ads', 'notes.txt'), 'no picture')
  writeFileSync(join(folder, 'broken.jpg'), 'no picture')
})
afterAll(async () => {
  await app[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})
const ads = async () => (await app.as(owner).ads.list({})).items

describe('ads on the command line, beside a server that has the database open', { timeout: 240_000 }, () => {
  test('uploads the pictures of a folder, with plain lines in a pipe, and those alone', async () => {
    const done = await marquee(app, ['ads', 'upload', ...tenant, '--tags', 'summer, window', join(folder, 'ads')])
    expect(done).toMatchObject({ code: 0, stderr: '' })
    expect(done.stdout.trim().split('\n')).toHaveLength(3)
    const made = await ads()
    expect(made.map(({ title }) => title)).toEqual(['b', 'c', '夏季'])
    for (const { tags, id, asset } of made) {
      expect(tags).toEqual(['summer', 'window'])
      expect(done.stdout).toContain(id)
      expect((await app.fetch(asset.url, { method: 'HEAD' })).status).toBe(200)
    }
  })
  test('says which file was refused and goes on with the others', async () => {
    const paths = [join(folder, 'broken.jpg'), join(folder, 'ads/b.png')]
    const done = await marquee(app, ['ads', 'upload', ...tenant, ...paths])
    expect(done.code).toBe(1)
    expect(done.stderr).toMatch(/broken\.jpg: .{10}/)
    expect(done.stdout).toMatch(/b\.png: uses bytes that were there already, ad "b"/)
  })
  test('lists page by page, finds, and gives all as JSON', async () => {
    const page = await marquee(app, ['ads', 'list', ...tenant, '--limit', '2'])
    expect(page.stdout).toMatch(/^ID +TITLE +STATE +KIND +FILE +TAGS\n.+ b +live +picture +b\.png +summer,window\n/)
    expect(page.stderr).toMatch(/There are more\. Add --all, or --cursor \S+\n/)
    const all = JSON.parse((await marquee(app, ['ads', 'list', ...tenant, '--limit', '1', '--all', '--json'])).stdout)
    expect(all.length).toBe((await ads()).length)
    const found = JSON.parse((await marquee(app, ['ads', 'list', ...tenant, '--search', '夏季', '--json'])).stdout)
    expect(found).toMatchObject([{ title: '夏季', asset: { kind: 'picture' } }])
  })
  test('deletes with --yes, never asks in a pipe, and deletes nothing of another tenant', async () => {
    await app.tenant('client_002')
    const [first] = await ads()
    const id = first?.id ?? ''
    const asked = await marquee(app, ['ads', 'delete', ...tenant, id])
    expect(asked).toEqual({
      code: 2,
      stdout: '',
      stderr: 'Nobody is there to be asked. Add --yes to do it all the same\n',
    })
    const foreign = await marquee(app, ['ads', 'delete', '--tenant', 'client_002', '--yes', id])
    expect(foreign).toMatchObject({ code: 1, stderr: `There is no ad "${id}"\n` })
    expect((await ads()).map((ad) => ad.id)).toContain(id)
    const done = await marquee(app, ['ads', 'delete', ...tenant, '--yes', id])
    expect(done).toEqual({ code: 0, stdout: `Deleted "${first?.title}"\n`, stderr: '' })
    expect((await ads()).map((ad) => ad.id)).not.toContain(id)
  })
  test('lists screens', async () => {
    const id = await app.screen(owner)
    const { stdout, stderr } = await marquee(app, ['screens', 'list', ...tenant])
    expect(stdout).toMatch(/^ID +NAME +ONLINE +PLAYING +REVISION +LAST SEEN AT +PROBLEM\n/)
    expect(stdout).toContain(id)
    expect(stderr).toMatch(/0 of 1 screens show the newest revision/)
    expect(JSON.parse((await marquee(app, ['screens', 'list', ...tenant, '--json'])).stdout)).toMatchObject([{ id }])
  })
  test('refuses beside a running server of another version, and works beside one of its own', async () => {
    const hold = holdFolder(app.dataDir)
    writeNote(app.dataDir, 'http://127.0.0.1:1')
    expect(await marquee(app, ['tenant', 'list'])).toMatchObject({ code: 0 })
    writeFileSync(
      join(app.dataDir, 'server.json'),
      JSON.stringify({ version: '0.0.9', pid: process.pid, url: 'http://127.0.0.1:1' }),
    )
    for (const args of [
      ['tenant', 'list'],
      ['backup', join(folder, 'never.tar')],
    ]) {
      const refused = await marquee(app, args)
      expect(refused.code).toBe(1)
      expect(refused.stderr).toContain(`A server of Marquee 0.0.9 works in "${app.dataDir}", and this is ${version}`)
    }
    hold.release()
    expect(await marquee(app, ['tenant', 'list'])).toMatchObject({ code: 0 })
  })
})

describe('the command line', { timeout: 240_000 }, () => {
  test('suggests the nearest command', async () => {
    expect(await marquee(app, ['tenatn'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Did you mean tenant?'),
    })
    expect(await marquee(app, ['ads', 'lst'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Did you mean list?'),
    })
  })
  test('tells wrong use with exit code 2', async () => {
    const wrong = [
      ['ads', 'list'],
      ['ads', 'list', ...tenant, '--limit', 'many'],
      ['ads', 'list', ...tenant, '--state', 'gone'],
      ['ads', 'upload', ...tenant],
      ['ads', 'upload', ...tenant, join(folder, 'nothing-there')],
      ['ads', 'upload', ...tenant, '--title', 'One', join(folder, 'ads')],
      ['ads', 'delete', ...tenant],
      ['backup'],
      ['restore'],
    ]
    for (const args of wrong) {
      const { code, stdout, stderr } = await marquee(app, args)
      expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' })
      expect(stderr).not.toBe('')
    }
  })
  test.runIf(process.getuid?.() === 0)('says in a sentence that it has no rights on the data folder', async () => {
    const nobody = { env: app.env, uid: 65_534 }
    for (const args of [['tenant', 'list'], ['backup', join(tmpdir(), 'never.tar')], ['doctor']]) {
      const { code, stdout, stderr } = await marquee(nobody, args)
      expect({ args, code }).toEqual({ args, code: args[0] === 'tenant' ? 78 : 1 })
      expect(stdout + stderr).toContain(app.dataDir)
      expect(stdout + stderr).not.toMatch(/\n {4}at /)
    }
  })
})
