import sharp from 'sharp'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { code } from '../../../test/refusals.ts'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'
import type { KeyActor, Manager } from '../../access.ts'
import { allRows } from './testing/rows.ts'

let app: TestApp
let owner: Manager
let agent: KeyActor
let picture: Buffer

beforeAll(async () => {
  app = await createTestApp()
  owner = await app.tenant()
  agent = app.key(owner, ['ads:read', 'ads:write'], 'agent')
  picture = await sharp({ create: { width: 64, height: 64, channels: 3, background: { r: 1, g: 2, b: 3 } } })
    .png()
    .toBuffer()
})
afterAll(() => app[Symbol.asyncDispose]())

const tools = () => app.as(agent).agents

async function put(url: string | undefined, bytes: Uint8Array): Promise<void> {
  const answer = await app.fetch(url ?? '', {
    method: 'PUT',
    body: new Uint8Array(bytes),
    headers: { 'content-length': String(bytes.length) },
  })
  expect(answer.ok).toBe(true)
}

it('makes an advertisement of a file that is sent to the addresses, with the title given', async () => {
  const begun = await tools().createUpload({ filename: 'summer.png', size_bytes: picture.length })
  expect(begun).toMatchObject({
    type: 'upload_response',
    part_count: 1,
    arrived: [],
    parts: [{ part: 1, size_bytes: picture.length, url: expect.stringMatching(/^http:\/\/localhost\/media\//) }],
    message: expect.stringContaining('PUT'),
  })
  const upload_id = begun.upload_id ?? ''
  await expect(tools().completeUpload({ upload_id, dry_run: true })).rejects.toEqual(code('parts-missing'))
  await expect(tools().completeUpload({ upload_id })).rejects.toEqual(code('parts-missing'))
  await put(begun.parts[0]?.url, picture)
  expect(await tools().continueUpload({ upload_id })).toMatchObject({ arrived: [1], parts: [] })
  const before = await allRows(app)
  expect(await tools().completeUpload({ upload_id, title: 'Summer', dry_run: true })).toMatchObject({
    advertisement: null,
    dry_run: true,
    would: expect.stringContaining('make an advertisement'),
  })
  expect(await allRows(app)).toEqual(before)
  const done = await tools().completeUpload({ upload_id, title: 'Summer', tags: ['sun'], enabled: true })
  expect(done).toMatchObject({
    type: 'upload_complete_response',
    advertisement: { title: 'Summer', tags: ['sun'], filename: 'summer.png', state: 'live', width: 64 },
    duplicate: false,
  })
  const fetched = await app.fetch(done.advertisement?.url ?? '')
  expect(new Uint8Array(await fetched.arrayBuffer())).toEqual(new Uint8Array(picture))
  expect((await tools().completeUpload({ upload_id })).advertisement?.id).toBe(done.advertisement?.id)
})

it('gives twenty addresses at once, and more on demand', async () => {
  const MB = 1024 * 1024
  const { part_count, parts, upload_id } = await tools().createUpload({ filename: 'a.mp4', size_bytes: 400 * MB })
  expect(parts).toHaveLength(20)
  expect(parts.every(({ size_bytes }) => size_bytes === 8 * MB)).toBe(true)
  const more = await tools().continueUpload({ upload_id: upload_id ?? '', parts: [21, part_count] })
  expect(more.parts.map(({ part }) => part)).toEqual([21, part_count])
  await expect(tools().continueUpload({ upload_id: upload_id ?? '', parts: [part_count + 1] })).rejects.toEqual(
    code('bad-input', 'part-number'),
  )
})

it('refuses a file whose content can not be played, and fields that do not fit', async () => {
  const { parts, upload_id } = await tools().createUpload({ filename: 'a.mp4', size_bytes: 5 })
  await put(parts[0]?.url, new TextEncoder().encode('hello'))
  const never = { valid_from: '2026-12-02T00:00:00.000Z', valid_until: '2026-12-01T00:00:00.000Z', dry_run: true }
  await expect(tools().completeUpload({ upload_id: upload_id ?? '', ...never })).rejects.toEqual(
    code('bad-input', 'validity'),
  )
  await expect(tools().completeUpload({ upload_id: upload_id ?? '' })).rejects.toEqual(code('unsupported-media'))
})

it('forgets an upload', async () => {
  const { upload_id } = await tools().createUpload({ filename: 'a.mp4', size_bytes: 5 })
  expect(await tools().cancelUpload({ upload_id: upload_id ?? '' })).toMatchObject({ success: true, upload_id })
  await expect(tools().continueUpload({ upload_id: upload_id ?? '' })).rejects.toEqual(code('not-found'))
})
