import { uploadFile } from '@marquee/shared/upload.ts'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type HttpClient, makeHttpClient } from './http-client.ts'
import { connectLegacy, connectModern, firstText, refusalOf } from './mcp-clients.ts'
import { newDataDir, type Program, type RuntimeName, startProgram, waitFor } from './program.ts'

/** What the whole program promises on every runtime, over real HTTP. */
export function testRuntime(runtime: RuntimeName): void {
  describe(`the program on ${runtime}`, () => {
    let program: Program
    let owner: HttpClient
    beforeAll(async () => {
      program = await startProgram({ runtime })
      owner = makeHttpClient(program.url)
      await owner.trpc.accounts.setUp.mutate({
        token: program.setUpToken ?? '',
        name: 'Ann',
        email: 'ann@example.com',
        password: 'correct horse battery',
        tenantName: 'Corner shop',
        timeZone: 'Asia/Shanghai',
      })
    }, 60_000)
    afterAll(() => program?.[Symbol.asyncDispose]())

    it('answers health and readiness, each part named', async () => {
      expect(await (await fetch(`${program.url}/healthz`)).json()).toEqual({ ok: true })
      expect(await (await fetch(`${program.url}/readyz`)).json()).toEqual({
        ok: true,
        checks: { database: 'ok', storage: 'ok', disk: 'ok' },
      })
    })

    it('takes an upload in parts and lists the ad', async () => {
      const done = await uploadPicture(owner, 'first.png')
      const { items } = await owner.trpc.ads.list.query({})
      expect(items.map((ad) => ad.id)).toContain(done.ad?.id)
      expect(items[0]).toMatchObject({
        title: 'first',
        state: 'live',
        asset: { kind: 'picture', width: 640, height: 360 },
      })
    })

    it('serves a range of the bytes, and nothing without a signature', async () => {
      const { asset } = await uploadPicture(owner, 'range.png')
      const whole = new Uint8Array(await (await fetch(asset.url)).arrayBuffer())
      expect(whole.byteLength).toBe(asset.size)
      const part = await fetch(asset.url, { headers: { range: 'bytes=10-19' } })
      expect(part.status).toBe(206)
      expect(part.headers.get('content-range')).toBe(`bytes 10-19/${asset.size}`)
      expect(new Uint8Array(await part.arrayBuffer())).toEqual(whole.slice(10, 20))
      expect((await fetch(asset.url.split('?')[0] ?? '')).status).toBe(403)
    })

    it('pairs a screen, which gets the manifest and hears of a new revision', async () => {
      const player = makeHttpClient(program.url)
      const { code } = await player.trpc.player.startPairing.mutate()
      expect(await player.trpc.player.pairingState.mutate()).toEqual({ state: 'waiting' })
      await owner.trpc.screens.confirmPairing.mutate({ code, name: 'Window', orientation: 90 })
      expect(await player.trpc.player.pairingState.mutate()).toEqual({ state: 'paired' })
      const manifest = await player.trpc.player.manifest.query()
      expect(manifest.screen).toMatchObject({ name: 'Window', orientation: 90 })

      const heard: number[] = []
      const subscription = player.trpc.live.screen.subscribe(
        {},
        { onData: ({ data }) => data.kind === 'revision' && heard.push(data.revision) },
      )
      await waitFor(() => heard.at(-1))
      const { revision } = await uploadPicture(owner, 'news.png')
      await waitFor(() => (heard.at(-1) === revision ? true : null))
      expect((await player.trpc.player.manifest.query()).items.map((item) => item.title)).toContain('news')
      subscription.unsubscribe()
    })

    it('tells the panel of a change and resumes behind the last event', async () => {
      const kinds: string[] = []
      let lastId: string | undefined
      const listen = () =>
        owner.trpc.live.changes.subscribe(
          { lastEventId: lastId },
          {
            onData: ({ id, data }) => {
              lastId = id
              kinds.push(data.kind)
            },
          },
        )
      const first = listen()
      await waitFor(() => lastId)
      first.unsubscribe()
      await owner.trpc.tenants.update.mutate({ name: 'Corner shop 2' })
      kinds.length = 0
      const second = listen()
      await waitFor(() => (kinds.includes('tenant.changed') ? true : null))
      second.unsubscribe()
    })

    it('serves agents of both generations, and holds back what they would delete', async () => {
      const { ad } = await uploadPicture(owner, 'agent.png')
      const { secret } = await owner.trpc.keys.create.mutate({ name: 'Agent', scopes: ['ads:read', 'ads:write'] })
      for (const open of [connectModern, connectLegacy]) {
        const client = await open({ url: program.url, key: secret })
        const found = await client.callTool({ name: 'search_advertisements', arguments: { query: 'agent' } })
        expect(firstText(found)).toContain(ad?.id)
        const removed = await client.callTool({ name: 'delete_advertisement', arguments: { id: ad?.id } })
        expect(refusalOf(removed)?.code).toBe('approval-needed')
        await client.close()
      }
      const refused = await fetch(`${program.url}/mcp`, { method: 'POST', body: '{}' })
      expect(refused.status).toBe(401)
    })

    it('keeps everything over a kill -9 and a new start', async () => {
      const dataDir = newDataDir()
      const first = await startProgram({ runtime, dataDir })
      const before = makeHttpClient(first.url)
      await before.trpc.accounts.setUp.mutate({ ...someOwner, token: first.setUpToken ?? '' })
      const { asset } = await uploadPicture(before, 'kept.png')
      await first.stop('SIGKILL')
      await using second = await startProgram({ runtime, dataDir })
      expect(second.setUpToken).toBeNull()
      const after = makeHttpClient(second.url, { jar: before.jar })
      const { items } = await after.trpc.ads.list.query({})
      expect(items.map((ad) => ad.asset.sha256)).toEqual([asset.sha256])
      expect((await fetch(items[0]?.asset.url ?? '')).status).toBe(200)
    }, 90_000)

    it('ends cleanly within 10 s while a subscription is open', async () => {
      const stopping = await startProgram({ runtime })
      const person = makeHttpClient(stopping.url)
      await person.trpc.accounts.setUp.mutate({ ...someOwner, token: stopping.setUpToken ?? '' })
      let open = false
      const subscription = person.trpc.live.changes.subscribe(
        {},
        {
          onData: () => {
            open = true
          },
        },
      )
      await waitFor(() => open || null)
      const started = performance.now()
      expect(await stopping.stop('SIGINT')).toBe(0)
      expect(performance.now() - started).toBeLessThan(10_000)
      subscription.unsubscribe()
    }, 60_000)
  })
}

const someOwner = {
  name: 'Bo',
  email: 'bo@example.com',
  password: 'correct horse battery',
  tenantName: 'Second shop',
  timeZone: 'UTC',
}
let colour = 0

/** A picture that no other call made, uploaded by the shared uploader as a script would. */
export async function uploadPicture({ trpc }: HttpClient, name: string) {
  colour += 7
  const background = { r: colour % 256, g: (colour * 3) % 256, b: (colour * 5) % 256 }
  const bytes = await sharp({ create: { width: 640, height: 360, channels: 3, background } })
    .png()
    .toBuffer()
  return uploadFile({
    api: trpc.uploads,
    source: new File([new Uint8Array(bytes)], name),
    completion: () => ({ ad: {} }),
  }).done
}
