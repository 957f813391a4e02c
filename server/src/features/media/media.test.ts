import { describe, expect, it } from 'vitest'
import { film, padded } from '../../../test/fixtures/films.ts'
import { picture } from '../../../test/fixtures/pictures.ts'
import { send } from '../../../test/fixtures/send.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { disposition, parseRange } from './delivery.ts'
import { linkLifeMs, mediaUrl } from './media.usecases.ts'

const MB = 1024 * 1024

async function open(settings: Record<string, string> = {}, name = 'film.mp4') {
  const app = await createTestApp(settings)
  const owner = await app.tenant()
  const bytes = await film('h264-aac.mp4')
  const { asset } = await send(app, owner, bytes, { name })
  const get = (headers: Record<string, string> = {}, method = 'GET') => app.fetch(asset.url, { headers, method })
  return Object.assign(app, { owner, bytes, asset, get, [Symbol.asyncDispose]: app[Symbol.asyncDispose] })
}

describe('delivery', () => {
  it('gives the whole object with everything that a cache and a browser need', async () => {
    await using app = await open()
    const answer = await app.get()
    expect(answer.status).toBe(200)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'video/mp4',
      'content-length': String(app.bytes.length),
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining('sandbox'),
      etag: expect.stringMatching(/^"[\w-]+"$/),
      'cache-control': expect.stringMatching(/^public, max-age=\d+, immutable$/),
    })
    expect(await answer.bytes()).toEqual(app.bytes)
  })

  it('answers HEAD with the same headers and no body', async () => {
    await using app = await open()
    const [get, head] = [await app.get(), await app.get({}, 'HEAD')]
    expect(head.status).toBe(200)
    for (const answer of [get, head]) answer.headers.delete('x-request-id')
    expect(Object.fromEntries(head.headers)).toEqual(Object.fromEntries(get.headers))
    expect(await head.text()).toBe('')
    await get.body?.cancel()
  })

  it('serves one range in every form, and cuts it to the object', async () => {
    await using app = await open()
    const size = app.bytes.length
    const cases: [range: string, start: number, end: number][] = [
      ['bytes=0-0', 0, 0],
      ['bytes=100-199', 100, 199],
      ['bytes=100-', 100, size - 1],
      ['bytes=-100', size - 100, size - 1],
      [`bytes=-${size + 5}`, 0, size - 1],
      [`bytes=10-${size + 99}`, 10, size - 1],
    ]
    for (const [range, start, end] of cases) {
      const answer = await app.get({ range })
      expect(answer.status, range).toBe(206)
      expect(answer.headers.get('content-range'), range).toBe(`bytes ${start}-${end}/${size}`)
      expect(answer.headers.get('content-length'), range).toBe(String(end - start + 1))
      expect(await answer.bytes(), range).toEqual(app.bytes.slice(start, end + 1))
    }
  })

  it('answers 416 with the size for a range that is outside', async () => {
    await using app = await open()
    for (const range of [`bytes=${app.bytes.length}-`, 'bytes=99999999-99999999', 'bytes=-0']) {
      const answer = await app.get({ range })
      expect(answer.status, range).toBe(416)
      expect(answer.headers.get('content-range')).toBe(`bytes */${app.bytes.length}`)
    }
  })

  it('gives the whole object for several ranges and for what is no range', async () => {
    await using app = await open()
    for (const range of ['bytes=0-1,4-5', 'bytes=5-1', 'bytes=', 'bytes=-', 'items=0-1', 'bytes=a-b']) {
      const answer = await app.get({ range })
      expect(answer.status, range).toBe(200)
      expect((await answer.bytes()).length, range).toBe(app.bytes.length)
    }
  })

  it('answers 304 to whoever has it', async () => {
    await using app = await open()
    const etag = (await app.get({}, 'HEAD')).headers.get('etag') ?? ''
    for (const value of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const answer = await app.get({ 'if-none-match': value, range: 'bytes=0-1' })
      expect(answer.status, value).toBe(304)
      expect(answer.headers.get('etag')).toBe(etag)
      expect(answer.headers.get('cache-control')).toContain('immutable')
      expect(await answer.text()).toBe('')
    }
    expect((await app.get({ 'if-none-match': '"other"' }, 'HEAD')).status).toBe(200)
  })

  it('goes on with a range only if what the client has is the same (If-Range)', async () => {
    await using app = await open()
    const head = await app.get({}, 'HEAD')
    const same = [head.headers.get('etag') ?? '', head.headers.get('last-modified') ?? '']
    for (const value of same)
      expect(await statusOf(app.get({ range: 'bytes=5-9', 'if-range': value })), value).toBe(206)
    const other = ['"other"', `W/${same[0]}`, 'Wed, 21 Oct 2015 07:28:00 GMT']
    for (const value of other)
      expect(await statusOf(app.get({ range: 'bytes=5-9', 'if-range': value })), value).toBe(200)
  })

  it('lets nothing be cached beyond the life of its link', async () => {
    await using app = await open()
    const seconds = async () =>
      Number(/max-age=(\d+)/.exec((await app.get({}, 'HEAD')).headers.get('cache-control') ?? '')?.[1])
    const [first, life] = [await seconds(), linkLifeMs / 1000]
    expect(first).toBeGreaterThanOrEqual(life - 1)
    expect(first).toBeLessThanOrEqual(2 * life)
    app.clock.advance(3_600_000)
    expect(await seconds()).toBe(first - 3600)
  })

  it("says the file's own name in UTF-8", async () => {
    await using app = await open({}, '新品 "上市" 🎬.mp4')
    const header = (await app.get({}, 'HEAD')).headers.get('content-disposition')
    expect(header).toMatch(/^inline; filename="[\x20-\x7e]+"; filename\*=UTF-8''/)
    expect(decodeURIComponent(header?.split("UTF-8''")[1] ?? '')).toBe('新品 "上市" 🎬.mp4')
    expect(disposition('inline', 'a\r\nset-cookie: x.mp4')).not.toMatch(/[\r\n]/)
  })

  it('stops reading when the client goes away', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const { asset } = await send(app, owner, padded(await film('h264-aac.mp4'), 9 * MB))
    let read = 0
    const get = app.storage.get
    Object.assign(app.storage, {
      get: async (...args: Parameters<typeof get>) => {
        const found = await get(...args)
        const inner = found?.body.getReader()
        const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
          {
            async pull(controller) {
              read++
              const next = await inner?.read()
              if (next?.value) controller.enqueue(next.value)
              else controller.close()
            },
            cancel: (reason) => inner?.cancel(reason),
          },
          { highWaterMark: 0 },
        )
        return found && { ...found, body }
      },
    })
    const reader = (await app.fetch(asset.url)).body?.getReader()
    await reader?.read()
    await reader?.cancel()
    expect(read).toBeLessThan(4)
  })
})

describe('links', () => {
  it('are absolute, percent-encoded, and the same for a while', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    const { asset } = await send(app, owner, await picture('png'), { name: '新品.png' })
    expect(asset.url).toMatch(/^http:\/\/localhost\/media\/[\x21-\x7e]+$/)
    expect(asset.url).toContain(encodeURIComponent('新品'))
    const key = (await app.storage.list('', { limit: 1 })).items[0]?.key ?? ''
    const before = await mediaUrl(app.deps, key)
    app.clock.set(new Date(Math.floor(app.clock.now().getTime() / linkLifeMs) * linkLifeMs))
    const first = await mediaUrl(app.deps, key)
    app.clock.advance(linkLifeMs - 1)
    expect(await mediaUrl(app.deps, key)).toBe(first)
    expect(await mediaUrl(app.deps, key)).toBe(before)
    app.clock.advance(1)
    expect(await mediaUrl(app.deps, key)).not.toBe(first)
  })

  it('open one object only: whatever is altered in one is refused', async () => {
    await using app = await open()
    const url = new URL(app.asset.url)
    const altered = [
      url.href.replace(/s=.{3}/, 's=AAA'),
      url.href.replace(/e=\d+/, 'e=99999999999999'),
      url.href.replace(/f=[^&]+/, 'f=other.html'),
      url.href.replace(app.owner.tenantId, 'other_tenant'),
      `${url.origin}${url.pathname}`,
      `${url.origin}/media/../secret${url.search}`,
      `${url.origin}/media/%2e%2e%2fsecret${url.search}`,
      `${url.origin}/media/%E0%A4%A${url.search}`,
    ]
    for (const one of altered) {
      const answer = await app.fetch(one)
      expect([403, 404], one).toContain(answer.status)
      expect(await answer.text(), one).not.toContain('ftyp')
    }
  })

  it('end, and say so', async () => {
    await using app = await open()
    app.clock.advance(2 * linkLifeMs + 1000)
    const answer = await app.get()
    expect(answer.status).toBe(403)
    expect(await answer.json()).toMatchObject({ code: 'link-expired' })
  })

  it('still open with the clock set back an hour', async () => {
    await using app = await open()
    app.clock.advance(-3_600_000)
    expect(await statusOf(app.get())).toBe(200)
  })

  it('do not take parts: a link to read is no link to write', async () => {
    await using app = await open()
    const answer = await app.fetch(app.asset.url, { method: 'PUT', body: 'x' })
    expect(answer.status).toBe(403)
  })
})

describe('other origins', () => {
  const origin = 'https://panel.example.com'

  it('get no CORS headers unless the settings name them', async () => {
    await using app = await open({ MARQUEE_ORIGINS: origin })
    const asked = async (from: string) => (await app.get({ origin: from }, 'HEAD')).headers
    expect((await asked('https://evil.example.com')).get('access-control-allow-origin')).toBeNull()
    expect((await asked('null')).get('access-control-allow-origin')).toBeNull()
    expect((await asked(origin)).get('access-control-allow-origin')).toBe(origin)
    expect((await asked('http://localhost')).get('access-control-allow-origin')).toBe('http://localhost')
    expect((await asked(origin)).get('access-control-expose-headers')).toContain('content-range')
    expect((await asked(origin)).get('vary')?.toLowerCase()).toContain('origin')
  })

  it('are answered before they send, and read the errors too', async () => {
    await using app = await open({ MARQUEE_ORIGINS: origin })
    const preflight = await app.get({ origin, 'access-control-request-method': 'PUT' }, 'OPTIONS')
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PUT')
    const refused = await app.fetch('http://localhost/media/nothing', { headers: { origin } })
    expect(refused.status).toBe(403)
    expect(refused.headers.get('access-control-allow-origin')).toBe(origin)
  })

  it('other methods are refused', async () => {
    await using app = await open()
    for (const method of ['POST', 'DELETE', 'PATCH']) expect(await statusOf(app.get({}, method)), method).toBe(400)
  })
})

describe('what could run in a browser', () => {
  it('is never served as a page, even if it lay in the storage', async () => {
    await using app = await createTestApp()
    const owner = await app.tenant()
    for (const ext of ['html', 'svg', 'bin', 'js', 'xml']) {
      const key = `${owner.tenantId}/ads/page_1.${ext}`
      await app.storage.put(key, new Blob(['<script>alert(1)</script>']).stream(), { maxBytes: 100 })
      const { headers } = await app.fetch(await mediaUrl(app.deps, key), { method: 'HEAD' })
      expect(headers.get('content-type'), ext).toBe('application/octet-stream')
      expect(headers.get('content-disposition'), ext).toMatch(/^attachment/)
      expect(headers.get('x-content-type-options'), ext).toBe('nosniff')
    }
  })
})

describe('ranges', () => {
  it('of an empty object are always outside', () => {
    expect(parseRange('bytes=0-', 0)).toBe('outside')
    expect(parseRange('bytes=-5', 0)).toBe('outside')
  })
})

async function statusOf(asking: Promise<Response>): Promise<number> {
  const answer = await asking
  await answer.body?.cancel()
  return answer.status
}
