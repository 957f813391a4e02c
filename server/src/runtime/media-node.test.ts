import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { film, padded } from '../../test/fixtures/films.ts'
import { picture } from '../../test/fixtures/pictures.ts'
import { send, signOne } from '../../test/fixtures/send.ts'
import { createTestApp } from '../../test/test-app.ts'

const MB = 1024 * 1024

/** A server that listens, a film of 9 MB and a small picture in it. */
async function open() {
  const app = await createTestApp()
  const owner = await app.tenant()
  const bytes = padded(await film('h264-aac.mp4'), 9 * MB)
  const large = await send(app, owner, bytes)
  const { url } = await app.listen()
  const urlOf = (link: string) => link.replace('http://localhost', url)
  return Object.assign(app, {
    owner,
    bytes,
    link: large.asset.url,
    urlOf,
    [Symbol.asyncDispose]: app[Symbol.asyncDispose],
  })
}

describe('the short way for media', () => {
  it('answers with the same status, headers and bytes as the general way', async () => {
    await using app = await open()
    const small = await send(app, app.owner, await picture('png'))
    const asks: RequestInit[] = [
      {},
      { method: 'HEAD' },
      { headers: { range: 'bytes=5-20' } },
      { headers: { range: `bytes=${MB - 5}-${3 * MB}` } },
      { headers: { range: 'bytes=-7' } },
      { headers: { range: 'bytes=99999999-' } },
      { headers: { range: 'bytes=0-1,3-4' } },
      { headers: { 'if-none-match': '*' } },
      { headers: { range: 'bytes=0-1', 'if-range': '"other"' } },
    ]
    const ours = [
      'content-type',
      'content-length',
      'content-range',
      'content-disposition',
      'content-security-policy',
      'etag',
      'cache-control',
      'last-modified',
      'accept-ranges',
      'vary',
      'cross-origin-resource-policy',
    ]
    for (const link of [app.link, small.asset.url]) {
      for (const ask of asks) {
        const [short, general] = [await fetch(app.urlOf(link), ask), await app.fetch(link, ask)]
        expect(short.status, JSON.stringify(ask)).toBe(general.status)
        for (const name of ours)
          expect(short.headers.get(name), `${JSON.stringify(ask)} ${name}`).toBe(general.headers.get(name))
        expect(Buffer.compare(await short.bytes(), await general.bytes()), JSON.stringify(ask)).toBe(0)
      }
    }
  })

  it('leaves refusals to the general way', async () => {
    await using app = await open()
    const answer = await fetch(app.urlOf(app.link).replace(/s=.{4}/, 's=AAAA'))
    expect(answer.status).toBe(403)
    expect(await answer.json()).toMatchObject({ code: 'bad-signature' })
    app.clock.advance(3 * 24 * 60 * 60 * 1000)
    expect((await fetch(app.urlOf(app.link))).status).toBe(403)
  })

  it('tells a client that sends a whole part to a wrong link what is wrong', async () => {
    await using app = await open()
    const upload = await app.as(app.owner).uploads.create({ fileName: 'a.mp4', size: 8 * MB })
    const link = app.urlOf(await signOne(app, app.owner, { id: upload.id, part: 1 }))
    const wrong = await fetch(link.replace('n=1', 'n=2'), { method: 'PUT', body: new Uint8Array(8 * MB) })
    expect(wrong.status).toBe(403)
    expect(await wrong.json()).toMatchObject({ code: 'bad-signature' })
    const short = await fetch(link, { method: 'PUT', body: new Uint8Array(5 * MB) })
    expect(short.status).toBe(400)
    expect((await fetch(link, { method: 'PUT', body: new Uint8Array(8 * MB) })).status).toBe(204)
  })

  it('stops reading when the client goes away, and serves a hundred who read nothing in little memory', async () => {
    await using app = await open()
    const { hostname, port, pathname, search } = new URL(app.urlOf(app.link))
    const before = process.memoryUsage().rss
    const sockets = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const socket = connect(Number(port), hostname)
        socket.pause()
        socket.on('error', () => {})
        socket.write(`GET ${pathname}${search} HTTP/1.1\r\nhost: ${hostname}:${port}\r\n\r\n`)
        await once(socket, 'connect')
        return socket
      }),
    )
    await vi.waitFor(
      async () => expect((await fetch(app.urlOf(app.link), { headers: { range: 'bytes=0-9' } })).status).toBe(206),
      { timeout: 15_000 },
    )
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * MB)
    for (const socket of sockets) socket.destroy()
    const whole = await fetch(app.urlOf(app.link))
    expect(Buffer.compare(await whole.bytes(), app.bytes)).toBe(0)
  })
})
