import sharp from 'sharp'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { connectLegacy, connectModern, refusalOf } from '../../test/mcp-clients.ts'
import { createTestApp, type TestApp } from '../../test/test-app.ts'
import type { Manager } from '../access.ts'

let app: TestApp
let url: string
let owner: Manager
beforeAll(async () => {
  app = await createTestApp()
  url = (await app.listen()).url
  owner = await app.tenant()
})
afterAll(() => app?.[Symbol.asyncDispose]())

type Begun = { readonly upload_id: string; readonly parts: readonly { readonly url: string }[] }

/** Begins an upload by tool and sends its one part to the signed address, which has our port as the caller knows it. */
async function begin(client: {
  callTool: (call: { name: string; arguments: Record<string, unknown> }) => Promise<object>
}) {
  const background = { r: Math.floor(Math.random() * 256), g: Math.floor(Math.random() * 256), b: 99 }
  const image = sharp({ create: { width: 64, height: 64, channels: 3, background } })
  const bytes = await image.png().toBuffer()
  const created = await client.callTool({
    name: 'create_upload',
    arguments: { filename: 'agent.png', size_bytes: bytes.length },
  })
  // The answer of `create_upload`, by its schema.
  const { upload_id, parts } = (created as { structuredContent: Begun }).structuredContent
  expect(parts).toHaveLength(1)
  const put = await fetch(parts[0]?.url ?? '', { method: 'PUT', body: new Uint8Array(bytes) })
  expect(put.status).toBeLessThan(300)
  return upload_id
}

it.each([
  ['a client of 2026', connectModern],
  ['a client of the first SDK', connectLegacy],
] as const)('an upload tells its steps to %s that asked', async (_, open) => {
  const { secret } = await app.as(owner).keys.create({ name: 'k', scopes: ['ads:read', 'ads:write'] })
  const client = await open({ url, key: secret })
  const upload_id = await begin(client as Parameters<typeof begin>[0])
  const steps: [number, number | undefined, string | undefined][] = []
  const onprogress = (step: { progress: number; total?: number | undefined; message?: string | undefined }) =>
    void steps.push([step.progress, step.total, step.message])
  const call = { name: 'complete_upload', arguments: { upload_id, title: 'By an agent' } }
  const done =
    open === connectModern
      ? await (client as Awaited<ReturnType<typeof connectModern>>).callTool(call, { onprogress })
      : await (client as Awaited<ReturnType<typeof connectLegacy>>).callTool(call, undefined, { onprogress })
  expect(refusalOf(done)).toBeNull()
  expect(steps).toEqual([
    [0, 4, 'Putting the parts together'],
    [1, 4, 'Looking at the content'],
    [2, 4, 'Hashing the bytes'],
    [3, 4, 'Storing'],
    [4, 4, 'Done'],
  ])
  await client.close()
})

it.each([
  ['a client of 2026', connectModern],
  ['a client of the first SDK', connectLegacy],
] as const)('%s that gives up a call stops it, and can go on later', async (_, open) => {
  const { secret } = await app.as(owner).keys.create({ name: 'k', scopes: ['ads:read', 'ads:write'] })
  const client = await open({ url, key: secret })
  const upload_id = await begin(client as Parameters<typeof begin>[0])
  const cancel = new AbortController()
  const call = { name: 'complete_upload', arguments: { upload_id } }
  // Gives up at the first step that it hears of.
  const options = { signal: cancel.signal, onprogress: () => cancel.abort() }
  const given =
    open === connectModern
      ? (client as Awaited<ReturnType<typeof connectModern>>).callTool(call, options)
      : (client as Awaited<ReturnType<typeof connectLegacy>>).callTool(call, undefined, options)
  await expect(given).rejects.toThrow()
  expect(refusalOf(await client.callTool(call))).toBeNull()
  await client.close()
})

it('a wait for an approval ends when its caller gives up', async () => {
  const { secret } = await app.as(owner).keys.create({ name: 'k', scopes: ['ads:read', 'ads:write'] })
  const client = await connectModern({ url, key: secret })
  const upload_id = await begin(client as Parameters<typeof begin>[0])
  const done = await client.callTool({ name: 'complete_upload', arguments: { upload_id } })
  // The answer of `complete_upload`, by its schema.
  const { advertisement } = (done as unknown as { structuredContent: { advertisement: { id: string } } })
    .structuredContent
  const asked = refusalOf(await client.callTool({ name: 'delete_advertisement', arguments: { id: advertisement.id } }))
  const cancel = new AbortController()
  const waiting = client.callTool(
    { name: 'get_approval', arguments: { approval_id: String(asked?.detail?.approvalId), wait_seconds: 20 } },
    { signal: cancel.signal },
  )
  const started = performance.now()
  setTimeout(() => cancel.abort(), 100)
  await expect(waiting).rejects.toThrow()
  expect(performance.now() - started).toBeLessThan(10_000)
  await client.close()
})
