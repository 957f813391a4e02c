import { readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { UploadedFile } from '@marquee/shared/files.ts'
import type { Scope } from '@marquee/shared/keys.ts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { formBytes, formType, type Part } from '../../../test/fixtures/forms.ts'
import { picture } from '../../../test/fixtures/pictures.ts'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'
import type { Manager } from '../../access.ts'
import { receiveForm } from './uploads.http.ts'

let app: TestApp
let url: string
let owner: Manager
let key: string
let seed = 0
let bytes: Uint8Array<ArrayBuffer>

const newKey = async (of: Manager, scopes: Scope[] = ['ads:read', 'ads:write']) =>
  (await app.as(of).keys.create({ name: 'script', scopes, purpose: 'script' })).secret
const send = (body: BodyInit | null, headers: Record<string, string> = {}, bearer = key) =>
  app.fetch('/api/upload', {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${bearer}`, 'content-type': formType, ...headers },
  })
const sendParts = (...parts: Part[]) => send(formBytes(parts))
const file = (over: object = {}): Part => ({ file: 'file', bytes, ...over })

/** Objects, half-received files and rows of the tenant; a refusal must leave none. */
async function left(): Promise<object> {
  const { items } = await app.storage.list(`${owner.tenantId}/`, { limit: 100 })
  const uploads = await app.as(owner).uploads.list({})
  const incoming = readdirSync(join(app.dataDir, 'media', 'incoming'))
  return { objects: items.map((item) => item.key), uploads: uploads.items.length, incoming }
}
const nothing = { objects: [], uploads: 0, incoming: [] }

async function expectRefusal(answer: Response, expected: object): Promise<void> {
  const body = await answer.json()
  expect({ status: answer.status, ...body }).toMatchObject(expected)
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  expect(body.title).toMatch(/^\S.*[^.]$/s)
  expect(await left()).toEqual(nothing)
}

beforeAll(async () => {
  app = await createTestApp()
  ;({ url } = await app.listen())
})
beforeEach(async () => {
  owner = await app.tenant()
  key = await newKey(owner)
  bytes = await picture('png', { seed: ++seed })
})
afterAll(() => app?.[Symbol.asyncDispose]())
afterEach(() => vi.restoreAllMocks())

describe('an upload in one piece', () => {
  it('makes a file and an ad, and says of it what the first guide says', async () => {
    const answer = await sendParts(file({ name: 'coffee promo.png' }), { field: 'category', value: 'ads' })
    expect(answer.status).toBe(200)
    const body: UploadedFile = await answer.json()
    expect(body).toMatchObject({
      success: true,
      original_name: 'coffee promo.png',
      size_bytes: bytes.length,
      size_mb: Math.round((bytes.length / 1024 / 1024) * 100) / 100,
      category: 'ads',
      client_id: owner.tenantId,
      timestamp: Math.floor(app.clock.now().getTime() / 1000),
      storage_path: `${owner.tenantId}/ads/${body.filename}`,
    })
    expect(body.filename).toMatch(/^coffee-promo_[0-9a-f-]{36}\.png$/)
    const fetched = await app.fetch(body.url)
    expect(new Uint8Array(await fetched.arrayBuffer())).toEqual(bytes)
    const ad = await app.as(owner).ads.get({ id: body.ad_id ?? '' })
    expect(ad).toMatchObject({ title: 'coffee promo', state: 'live' })
    const { items } = await app.as(owner).activity.list({})
    expect(items.map((entry) => entry.action)).toEqual(
      expect.arrayContaining(['upload.create', 'upload.complete', 'ad.create']),
    )
  })

  it('goes the same way over a socket', async () => {
    const form = new FormData()
    form.append('file', new Blob([bytes]), 'over a socket.png')
    const answer = await fetch(`${url}/api/upload`, {
      method: 'POST',
      body: form,
      headers: { authorization: `Bearer ${key}` },
    })
    expect(await answer.json()).toMatchObject({ success: true, original_name: 'over a socket.png' })
  })

  it('takes the category and the client behind the file, as the guide writes them', async () => {
    const client: Part = { field: 'client', value: owner.tenantId }
    const answer = await sendParts(file(), client, { field: 'category', value: 'agent' })
    expect(await answer.json()).toMatchObject({
      category: 'agent',
      ad_id: null,
      storage_path: expect.stringContaining(`${owner.tenantId}/agent/`),
    })
    expect((await app.as(owner).ads.list({})).items).toEqual([])
  })

  it('stores the same bytes once, and makes another ad of them', async () => {
    const [first, second] = [await (await sendParts(file())).json(), await (await sendParts(file())).json()]
    expect(second).toMatchObject({ filename: first.filename, duplicate: true })
    expect(second.ad_id).not.toBe(first.ad_id)
    expect((await app.storage.list(`${owner.tenantId}/ads/`, { limit: 10 })).items).toHaveLength(1)
  })

  it('takes the form in the smallest pieces', async () => {
    const form = formBytes([file(), { field: 'category', value: 'ads' }])
    const drops = async function* () {
      for (let at = 0; at < form.length; at += 7) yield form.subarray(at, at + 7)
    }
    const { answer } = await receiveForm(app, owner, { contentType: formType, contentLength: null, body: drops() })
    const fetched = await app.fetch(answer.url.replace(/^.*\/media/, 'http://localhost/media'))
    expect(new Uint8Array(await fetched.arrayBuffer())).toEqual(bytes)
  })
})

describe('is refused, and nothing is stored:', () => {
  it('no key, a wrong key, a key without the scope', async () => {
    const form = formBytes([file()])
    const anonymous = await app.fetch('/api/upload', {
      method: 'POST',
      body: form,
      headers: { 'content-type': formType },
    })
    await expectRefusal(anonymous, { status: 401, code: 'not-signed-in' })
    await expectRefusal(await send(form, {}, 'mq_wrong'), { status: 401, code: 'wrong-credentials' })
    await expectRefusal(await send(form, {}, await newKey(owner, ['ads:read'])), { status: 403, code: 'not-allowed' })
  })

  it("another tenant's name, before or behind the file", async () => {
    const client: Part = { field: 'client', value: 'client_other' }
    await expectRefusal(await sendParts(client, file()), { status: 403, code: 'not-allowed', reason: 'client' })
    await expectRefusal(await sendParts(file(), client), { status: 403, code: 'not-allowed', reason: 'client' })
  })

  it('no file part', async () => {
    const category: Part = { field: 'category', value: 'ads' }
    await expectRefusal(await sendParts(category), { status: 400, reason: 'no-file' })
    await expectRefusal(await sendParts({ field: 'file', value: 'film.mp4' }), { status: 400, reason: 'no-file' })
    await expectRefusal(await sendParts(file({ file: 'upload' })), { status: 400, reason: 'no-file' })
  })

  it('two file parts', async () => {
    await expectRefusal(await sendParts(file(), file()), { status: 400, reason: 'two-files' })
  })

  it('a category that is none, behind the file too', async () => {
    const category: Part = { field: 'category', value: 'topics' }
    await expectRefusal(await sendParts(category, file()), { status: 400, detail: { field: 'category' } })
    await expectRefusal(await sendParts(file(), category), { status: 400, detail: { field: 'category' } })
  })

  it('a field that is there twice, or longer than a field is', async () => {
    const category: Part = { field: 'category', value: 'ads' }
    await expectRefusal(await sendParts(file(), category, category), { status: 400, reason: 'form' })
    const long: Part = { field: 'note', value: 'x'.repeat(10_000) }
    await expectRefusal(await sendParts(file(), long), { status: 400, reason: 'form' })
  })

  it('a body without a boundary, and one that is no form', async () => {
    const form = formBytes([file()])
    await expectRefusal(await send(form, { 'content-type': 'multipart/form-data' }), { status: 400, reason: 'form' })
    await expectRefusal(await send(form, { 'content-type': 'image/png' }), { status: 400, reason: 'form' })
    await expectRefusal(await send(null), { status: 400, reason: 'form' })
  })

  it('a header of a part that has 1 MB', async () => {
    const headers = `X-Long: ${'x'.repeat(1024 * 1024)}\r\n`
    await expectRefusal(await sendParts(file({ headers })), { status: 400, reason: 'form' })
  })

  it('a form that ends inside the file, or before its last boundary', async () => {
    const whole = formBytes([file()])
    await expectRefusal(await send(whole.slice(0, 600)), { status: 400, reason: 'form' })
    await expectRefusal(await send(formBytes([file()], { end: false })), { status: 400, reason: 'form' })
  })

  it('a form that goes on behind its end', async () => {
    const body = async function* () {
      yield formBytes([file()])
      for (;;) yield new Uint8Array(30_000)
    }
    const refused = receiveForm(app, owner, { contentType: formType, contentLength: null, body: body() })
    await expect(refused).rejects.toMatchObject({ code: 'bad-input', reason: 'form' })
    expect(await left()).toEqual(nothing)
  })

  it('more than the largest file, before a byte of it is read', async () => {
    const read = vi.fn()
    const body = new ReadableStream({ pull: read }, { highWaterMark: 0 })
    const answer = await app.fetch('/api/upload', {
      method: 'POST',
      body,
      duplex: 'half',
      headers: { authorization: `Bearer ${key}`, 'content-type': formType, 'content-length': '600000000' },
    } as RequestInit)
    await expectRefusal(answer, { status: 413, code: 'too-large' })
    expect(read).not.toHaveBeenCalled()
  })

  it('more than the limit of its category, which came behind the file', async () => {
    const large = new Uint8Array(Buffer.concat([bytes, Buffer.alloc(11 * 1024 * 1024)]))
    const answer = await sendParts(file({ bytes: large }), { field: 'category', value: 'agent' })
    await expectRefusal(answer, { status: 413, code: 'too-large' })
  })

  it('what screens can not show, by its content', async () => {
    const text = new TextEncoder().encode('only text, whatever its name says')
    const answer = await sendParts(file({ bytes: text }))
    await expectRefusal(answer, { status: 415, code: 'unsupported-media', reason: 'unknown-type' })
    await expectRefusal(await sendParts(file({ bytes: new Uint8Array() })), { status: 415, reason: 'empty' })
  })

  it('a page of another origin with the session of a visitor', async () => {
    const answer = await send(formBytes([file()]), { origin: 'https://evil.example' })
    await expectRefusal(answer, { status: 403, code: 'wrong-origin' })
  })

  it('a body that stops moving; a slow one is taken', async () => {
    const form = formBytes([file()])
    const paced = async function* (pieces: number, ms: number) {
      const size = Math.ceil(form.length / pieces)
      for (let at = 0; at < form.length; at += size) {
        await new Promise((resolve) => setTimeout(resolve, ms))
        yield form.subarray(at, at + size)
      }
    }
    const sent = { contentType: formType, contentLength: null, idleMs: 400 }
    const stuck = async function* () {
      yield form.subarray(0, 2_000)
      await new Promise(() => {})
    }
    const refused = receiveForm(app, owner, { ...sent, body: stuck() })
    await expect(refused).rejects.toMatchObject({ code: 'client-gone', reason: 'body-idle' })
    expect(await left()).toEqual(nothing)
    const { answer } = await receiveForm(app, owner, { ...sent, body: paced(12, 50) })
    expect(answer.success).toBe(true)
  })
})

describe('over a socket', () => {
  const head = (length: string) =>
    `POST /api/upload HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${key}\r\nContent-Type: ${formType}\r\n${length}\r\n\r\n`
  const open = async (...pieces: (string | Uint8Array)[]) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    let said = ''
    socket.setEncoding('utf8').on('data', (text) => {
      said += text
    })
    for (const piece of pieces) socket.write(piece)
    return { socket, said: () => said, closed: new Promise((resolve) => socket.once('close', resolve)) }
  }

  it('a Content-Length that says less than comes is a clear refusal', async () => {
    const { said, socket } = await open(head('Content-Length: 500'), formBytes([file()]))
    await vi.waitFor(() => expect(said()).toContain('HTTP/1.1 400'), 20_000)
    expect(said()).toMatch(/"title":"[^"]*(Content-Length|The form)/)
    socket.destroy()
    expect(await left()).toEqual(nothing)
  })

  it('a Content-Length that says more than comes, with a client that goes, leaves nothing', async () => {
    const form = formBytes([file()])
    const { socket } = await open(head(`Content-Length: ${form.length + 5_000}`), form)
    await vi.waitFor(async () => expect(await left()).not.toEqual(nothing), 20_000)
    socket.destroy()
    await vi.waitFor(async () => expect(await left()).toEqual(nothing), 20_000)
  })

  it('a client that goes in the middle of the file leaves nothing', async () => {
    const large = new Uint8Array(Buffer.concat([bytes, Buffer.alloc(2_000_000)]))
    const { socket } = await open(head('Transfer-Encoding: chunked'), '100000\r\n')
    socket.write(formBytes([file({ bytes: large })]).subarray(0, 0x100000))
    await vi.waitFor(async () => expect(await left()).not.toEqual(nothing), 20_000)
    socket.destroy()
    await vi.waitFor(async () => expect(await left()).toEqual(nothing), 20_000)
  })

  it('a refusal reaches a client that still sends', async () => {
    const { said, socket } = await open(head('Content-Length: 400000000'), formBytes([file(), file()]))
    await vi.waitFor(() => expect(said()).toContain('two-files'), 20_000)
    socket.destroy()
  })
})
