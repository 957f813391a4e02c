import type { Change, ScreenNotice } from '@marquee/shared/live.ts'
import { expect, it } from 'vitest'
import { openBadNetwork } from '../../../test/fixtures/bad-network.ts'
import { makeHttpClient } from '../../../test/http-client.ts'
import { pairScreen, publish } from '../../../test/screens.ts'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'
import type { Manager } from '../../access.ts'

/** Subscribes as a script does, and collects what comes. */
function collectChanges(url: string, key: string) {
  const seen: Change[] = []
  const ends: (string | undefined)[] = []
  const { trpc } = makeHttpClient(url, { key })
  const subscription = trpc.live.changes.subscribe(
    {},
    {
      onData: ({ data }) => void seen.push(data),
      onError: (error) => void ends.push(error.data?.code),
      onComplete: () => void ends.push('complete'),
    },
  )
  return { seen, ends, [Symbol.dispose]: () => subscription.unsubscribe() }
}

async function makeKey(app: TestApp, owner: Manager) {
  return app.as(owner).keys.create({ name: 'Watcher', scopes: ['screens:read'], purpose: 'script' })
}

it('resumes after a lost connection with nothing lost, nothing twice and in order', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const { secret } = await makeKey(app, owner)
  const { url } = await app.listen()
  await using network = await openBadNetwork(url)
  using client = collectChanges(network.url, secret)
  await expect.poll(() => client.seen.map(({ kind }) => kind)).toEqual(['reset'])
  const published = [await publish(app.deps, owner)]
  await expect.poll(() => client.seen).toHaveLength(2)
  network.target = null
  network.cut()
  for (let change = 0; change < 5; change++) published.push(await publish(app.deps, owner))
  network.target = url
  published.push(await publish(app.deps, owner))
  await expect.poll(() => client.seen, { timeout: 15_000 }).toHaveLength(8)
  expect(client.seen.slice(1).map(({ revision }) => revision)).toEqual(published)
  expect(client.ends).toEqual([])
})

it('ends the subscription of a revoked key within a second', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const { key, secret } = await makeKey(app, owner)
  using client = collectChanges((await app.listen()).url, secret)
  await expect.poll(() => client.seen).toHaveLength(1)
  await app.as(owner).keys.revoke({ id: key.id })
  await expect.poll(() => client.ends, { timeout: 1_000, interval: 20 }).toEqual(['wrong-credentials'])
})

it('refuses who has no key, no session and no device token', async () => {
  await using app = await createTestApp()
  const { url } = await app.listen()
  for (const path of ['live.changes', 'live.screen']) {
    // In the stream and not as a status, for a browser's EventSource can't read the body of an error.
    const text = await (await fetch(`${url}/trpc/${path}?input={}`)).text()
    expect(text).toContain('event: serialized-error')
    expect(text).toContain('"code":"not-signed-in"')
    expect(text).not.toContain('id:')
  }
})

it('takes a new screen from its code to playing, and back to its code when it is revoked, over HTTP', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const { trpc, jar } = makeHttpClient((await app.listen()).url)
  const { code } = await trpc.player.startPairing.mutate()
  expect([...jar.keys()]).toEqual(['marquee_pairing'])
  const states: string[] = []
  trpc.live.pairing.subscribe({}, { onData: ({ data }) => void states.push(data.state) })
  await expect.poll(() => states).toEqual(['waiting'])

  const confirmed = performance.now()
  const { id } = await app.as(owner).screens.confirmPairing({ code, name: 'Window' })
  await expect.poll(() => states, { timeout: 2_000, interval: 20 }).toEqual(['waiting', 'paired'])
  expect(await trpc.player.pairingState.mutate()).toEqual({ state: 'paired' })
  expect([...jar.keys()]).toEqual(['marquee_screen'])
  const manifest = await trpc.player.manifest.query()
  expect(manifest.screen.name).toBe('Window')
  expect(performance.now() - confirmed).toBeLessThan(2_000)

  const notices: ScreenNotice[] = []
  trpc.live.screen.subscribe({}, { onData: ({ data }) => void notices.push(data) })
  await expect.poll(() => notices).toEqual([{ kind: 'revision', revision: manifest.revision }])
  const revision = await publish(app.deps, owner)
  await expect.poll(() => notices, { timeout: 500, interval: 20 }).toHaveLength(2)
  expect(notices[1]).toEqual({ kind: 'revision', revision })
  await app.as(owner).screens.revoke({ id })
  await expect.poll(() => notices.at(-1), { timeout: 1_000, interval: 20 }).toEqual({ kind: 'revoked' })
  await expect(trpc.player.manifest.query()).rejects.toMatchObject({ data: { code: 'not-signed-in' } })
})

it('breaks off the streams of a server that stops, without telling clients that all is over', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const { secret } = await makeKey(app, owner)
  const { headers } = await pairScreen(app, owner)
  const { url } = await app.listen()
  const streams = await Promise.all([
    fetch(`${url}/trpc/live.changes?input={}`, { headers: { authorization: `Bearer ${secret}` } }),
    fetch(`${url}/trpc/live.screen?input={}`, { headers: { cookie: headers.get('cookie') ?? '' } }),
    fetch(`${url}/trpc/live.pairing?input={}`, { headers: await waitingCookie(url) }),
  ])
  expect(streams.map(({ status }) => status)).toEqual([200, 200, 200])
  const ends = Promise.all(streams.map((stream) => stream.text()))
  await app.events.close()
  for (const text of await ends) {
    expect(text).toContain('event: connected')
    expect(text).not.toContain('event: return')
    expect(text).not.toContain('event: serialized-error')
  }
})

it('tells a slow reader of a screen only the newest revision, and pings nobody who left', async () => {
  await using app = await createTestApp()
  const owner = await app.tenant()
  const { headers } = await pairScreen(app, owner)
  const answer = await app.fetch('/trpc/live.screen?input={}', { headers })
  expect(answer.headers.get('content-type')).toBe('text/event-stream')
  const reader = answer.body?.getReader()
  const decoder = new TextDecoder()
  const next = async () => decoder.decode((await reader?.read())?.value)
  expect(await next()).toContain('event: connected')
  const revisions: number[] = []
  for (let change = 0; change < 20; change++) revisions.push(await publish(app.deps, owner))
  const last = revisions.at(-1)
  const heard: string[] = []
  await expect.poll(async () => heard[heard.push(await next()) - 1]).toContain(`"revision":${last}`)
  expect(heard.length).toBeLessThan(5)
  await reader?.cancel()
  await publish(app.deps, owner)
})

it('refuses a bad input of a screen as every procedure does', async () => {
  await using app = await createTestApp()
  const { headers } = await pairScreen(app, await app.tenant())
  for (const input of ['{"lastEventId":5}', '{', '[]']) {
    const text = await (await app.fetch(`/trpc/live.screen?input=${encodeURIComponent(input)}`, { headers })).text()
    expect(text, input).toContain('"code":"bad-input"')
  }
})

async function waitingCookie(url: string): Promise<{ cookie: string }> {
  const { trpc, jar } = makeHttpClient(url)
  await trpc.player.startPairing.mutate()
  return { cookie: `marquee_pairing=${jar.get('marquee_pairing')}` }
}
