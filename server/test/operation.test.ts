import { renameSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { openLog } from '../src/runtime/log.ts'
import { createTestApp, type TestApp } from './test-app.ts'
import { uploadThrough } from './upload-through.ts'

const token = 'a-token-of-the-operator'
const bearer = (given: string) => ({ headers: { authorization: `Bearer ${given}` } })

/** The value of a series, e.g. `marquee_calls_total{procedure="ads.list",code="ok"}`. */
async function series(app: TestApp, name: string): Promise<number | null> {
  const text = await (await app.fetch('/metrics')).text()
  const line = text.split('\n').find((one) => one.startsWith(`${name} `))
  return line ? Number(line.slice(name.length + 1)) : null
}

describe('/metrics', () => {
  it('is open to programs of this machine and to nobody else, who is not even told that it is there', async () => {
    await using app = await createTestApp()
    for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1'])
      expect((await app.fetch('/metrics', {}, address)).status).toBe(200)
    expect((await app.fetch('/metrics', {}, '192.168.1.7')).status).toBe(404)
    expect((await app.fetch('/metrics', bearer('guess'), '192.168.1.7')).status).toBe(401)
  })

  it('does not take a proxy on this machine for this machine', async () => {
    await using app = await createTestApp()
    for (const headers of [
      { 'x-forwarded-for': '203.0.113.9' },
      { forwarded: 'for=203.0.113.9' },
      { via: '1.1 caddy' },
    ])
      expect((await app.fetch('/metrics', { headers })).status).toBe(404)
    const foreign = new Request('http://localhost/metrics', { headers: { host: 'screens.example.com' } })
    expect((await app.fetch(foreign)).status).toBe(404)
    await using behind = await createTestApp({ MARQUEE_PUBLIC_URL: 'https://screens.example.com' })
    expect((await behind.fetch('/metrics')).status).toBe(404)
  })

  it('takes the token of the settings from anywhere, and says 401 without it', async () => {
    await using app = await createTestApp({ MARQUEE_METRICS_TOKEN: token })
    expect((await app.fetch('/metrics', bearer(token), '192.168.1.7')).status).toBe(200)
    expect((await app.fetch('/metrics', {}, '192.168.1.7')).status).toBe(401)
    expect((await app.fetch('/metrics', bearer(`${token}x`), '192.168.1.7')).status).toBe(401)
  })

  it('counts calls by procedure and code, bytes both ways, and the database', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const bytes = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } })
      .png()
      .toBuffer()
    const { asset } = await uploadThrough(app, owner, { bytes, fileName: 'a.png', ad: {} })
    await app.as(owner).ads.list({})
    await expect(app.as(owner).ads.get({ id: crypto.randomUUID() })).rejects.toThrow()
    expect(await series(app, 'marquee_calls_total{procedure="ads.list",code="ok"}')).toBe(1)
    expect(await series(app, 'marquee_calls_total{procedure="ads.get",code="not-found"}')).toBe(1)
    expect(await series(app, 'marquee_call_seconds_count{procedure="ads.list"}')).toBe(1)
    expect(await series(app, 'marquee_upload_bytes_total')).toBeGreaterThanOrEqual(bytes.byteLength)
    const { url } = await app.listen()
    await (await fetch(asset.url.replace('http://localhost', url))).arrayBuffer()
    await expect.poll(() => series(app, 'marquee_download_bytes_total')).toBeGreaterThanOrEqual(bytes.byteLength)
    expect(await series(app, 'marquee_database_seconds_count{kind="write"}')).toBeGreaterThan(0)
    expect(await series(app, 'marquee_database_seconds_count{kind="read"}')).toBeGreaterThan(0)
    expect(await series(app, 'marquee_storage_free_bytes')).toBeGreaterThan(0)
    expect(await series(app, 'marquee_ready{check="database"}')).toBe(1)
  })

  it('knows paired and online screens, and what waits in the queues', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const [first] = [await app.screen(owner), await app.screen(owner)]
    await app.as(app.screenActor(owner, first)).player.report({ revision: 1, adId: null })
    expect(await series(app, 'marquee_screens')).toBe(2)
    expect(await series(app, 'marquee_screens_online')).toBe(1)
    await app.jobs.runDue()
    const runAt = new Date(app.clock.now().getTime() + 1_000)
    await app.db.write((tx) => app.jobs.add(tx, { kind: 'ads.purge', uniqueKey: 'one', runAt }))
    app.clock.advance(61_000)
    expect(await series(app, 'marquee_jobs_due{kind="ads.purge"}')).toBe(1)
    expect(await series(app, 'marquee_jobs_oldest_seconds{kind="ads.purge"}')).toBe(60)
  })

  it('has only labels from closed lists: no id, no tenant, no path', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    await app.as(owner).ads.list({ search: 'secret words' })
    await app.fetch('/some/path/of/mine')
    await app.fetch('/trpc/ads.unknownOne')
    const text = await (await app.fetch('/metrics')).text()
    for (const word of [owner.tenantId, owner.userId, 'secret words', 'of/mine', 'unknownOne'])
      expect(text).not.toContain(word)
  })

  it('answers while the database does not', async () => {
    await using app = await createTestApp()
    await app.db.close()
    expect(await series(app, 'marquee_ready{check="database"}')).toBe(0)
    expect(await series(app, 'marquee_screens')).toBeNull()
  })
})

describe('/readyz', () => {
  const ready = async (app: TestApp) => {
    app.clock.advance(2_000)
    const answer = await app.fetch('/readyz')
    return { status: answer.status, ...((await answer.json()) as { ok: boolean; checks: Record<string, string> }) }
  }

  it('names the storage when its folder is gone, and is ready again when it is back', async () => {
    await using app = await createTestApp()
    expect((await ready(app)).status).toBe(200)
    const [media, away] = [join(app.dataDir, 'media'), join(app.dataDir, 'away')]
    renameSync(media, away)
    const broken = await ready(app)
    expect(broken).toMatchObject({ status: 503, ok: false, checks: { database: 'ok' } })
    expect(broken.checks.storage).not.toBe('ok')
    expect(JSON.stringify(broken)).not.toContain(app.dataDir)
    renameSync(away, media)
    expect((await ready(app)).status).toBe(200)
  })

  it('names the disk when little of it is free', async () => {
    await using app = await createTestApp()
    Object.assign(app.storage, { freeBytes: async () => 10 * 1024 * 1024 })
    expect((await ready(app)).checks).toMatchObject({ database: 'ok', disk: 'Only 10 MB are free' })
  })

  it('says so of a part that never answers, within seconds', async () => {
    await using app = await createTestApp()
    Object.assign(app.storage, { ping: () => new Promise(() => undefined) })
    expect((await ready(app)).checks.storage).toBe('It does not answer')
  })

  it('looks once for a hundred probes', async () => {
    await using app = await createTestApp()
    let looks = 0
    const { ping } = app.storage
    Object.assign(app.storage, { ping: () => ping().finally(() => looks++) })
    await Promise.all(Array.from({ length: 100 }, () => app.fetch('/readyz')))
    expect(looks).toBe(1)
  })
})

describe('a log line', () => {
  it('is written for each call, with request id, tenant, actor, procedure, code and time', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const { secret, key } = await app.as(owner).keys.create({ name: 'k', scopes: ['ads:read'], purpose: 'script' })
    const answer = await app.fetch('/trpc/ads.list?input={}', bearer(secret))
    const requestId = answer.headers.get('x-request-id')
    const line = app.log.lines.find(({ facts }) => 'requestId' in facts && facts.requestId === requestId)
    expect(line).toMatchObject({
      level: 'info',
      facts: { procedure: 'ads.list', code: 'ok', tenant: owner.tenantId, actor: 'key', actorId: key.id },
    })
    expect(line?.facts).toHaveProperty('ms')
  })

  it('has the request id that a refusal shows', async () => {
    await using app = await createTestApp()
    const answer = await app.fetch('/media/nothing?s=abc')
    const { requestId } = (await answer.json()) as { requestId: string }
    expect(answer.headers.get('x-request-id')).toBe(requestId)
    const line = app.log.lines.find(({ facts }) => 'requestId' in facts && facts.requestId === requestId)
    expect(line?.facts).toMatchObject({ route: 'media', status: 403 })
  })

  it('hides what is named like a secret, signatures and the values of failed queries', () => {
    const lines: string[] = []
    const log = openLog('debug', { write: (line: string) => void lines.push(line) })
    const failed = new Error('Failed query: select 1 from x where a = ?\nparams: tell-nobody,5', {
      cause: new Error('at http://h/media/x?e=1&s=tell-nobody'),
    })
    log.error({ err: failed, token: 'tell-nobody', key: { secret: 'tell-nobody' } }, 'A thing failed')
    expect(lines[0]).toContain('A thing failed')
    expect(lines.join()).not.toContain('tell-nobody')
  })
})
