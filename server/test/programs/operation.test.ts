import { request as httpRequest } from 'node:http'
import { expect, it } from 'vitest'
import { makeHttpClient } from '../http-client.ts'
import { newDataDir, startProgram, waitFor } from '../program.ts'
import { uploadPicture } from '../runtime.contract.ts'
import { receiveTraces } from '../traces.ts'

const MB = 1024 * 1024
const person = {
  name: 'Op',
  email: 'op@example.com',
  password: 'correct horse battery',
  tenantName: 'Operation',
  timeZone: 'UTC',
}

async function startOwned(env: Record<string, string> = {}) {
  const program = await startProgram({ env })
  const owner = makeHttpClient(program.url)
  await owner.trpc.accounts.setUp.mutate({ ...person, token: program.setUpToken ?? '' })
  return { program, owner }
}

/** Begins to send a part, and gives the way to send the rest. */
async function beginPart(url: string, size: number) {
  const sent = httpRequest(url, { method: 'PUT', headers: { 'content-length': size } })
  const answer = new Promise<{ status: number; closes: boolean }>((resolve, reject) => {
    sent.on('response', (response) => {
      response.resume()
      resolve({ status: response.statusCode ?? 0, closes: response.headers.connection === 'close' })
    })
    sent.on('error', reject)
  })
  await new Promise<void>((resolve) => sent.write(new Uint8Array(size / 2), () => resolve()))
  return { answer, sendRest: () => sent.end(new Uint8Array(size - size / 2)) }
}

it('lets a part that runs while it is stopped end, tells others when to come back, and ends within 10 s', async () => {
  const dataDir = newDataDir()
  const program = await startProgram({ dataDir })
  await using _ = program
  const owner = makeHttpClient(program.url)
  await owner.trpc.accounts.setUp.mutate({ ...person, token: program.setUpToken ?? '' })
  const upload = await owner.trpc.uploads.create.mutate({ fileName: 'big.mp4', size: 4 * MB })
  const [part] = (await owner.trpc.uploads.sign.mutate({ id: upload.id, parts: [1] })).parts
  const running = await beginPart(part?.url ?? '', Math.min(upload.partSize, 4 * MB))
  const started = performance.now()
  const stopped = program.stop('SIGTERM')
  const refused = await waitFor(async () => {
    // A connection that idles may be closed under a request.
    const answer = await fetch(`${program.url}/healthz`).catch(() => null)
    await answer?.arrayBuffer()
    return answer?.status === 503 ? answer : null
  })
  expect(refused.headers.get('retry-after')).toBe('2')
  running.sendRest()
  expect(await running.answer).toMatchObject({ status: 204 })
  expect(await stopped).toBe(0)
  expect(performance.now() - started).toBeLessThan(10_000)
  await using again = await startProgram({ dataDir })
  const back = makeHttpClient(again.url, { jar: owner.jar })
  expect((await back.trpc.uploads.get.query({ id: upload.id })).arrived).toEqual([1])
}, 60_000)

it('ends within 10 s although a client never sends the rest, and writes what screens said last', async () => {
  const dataDir = newDataDir()
  const program = await startProgram({ dataDir })
  await using _ = program
  const owner = makeHttpClient(program.url)
  await owner.trpc.accounts.setUp.mutate({ ...person, token: program.setUpToken ?? '' })
  const player = makeHttpClient(program.url)
  const { code } = await player.trpc.player.startPairing.mutate()
  await owner.trpc.screens.confirmPairing.mutate({ code, name: 'Window' })
  await player.trpc.player.pairingState.mutate()
  const upload = await owner.trpc.uploads.create.mutate({ fileName: 'big.mp4', size: 2 * MB })
  const [part] = (await owner.trpc.uploads.sign.mutate({ id: upload.id, parts: [1] })).parts
  const running = await beginPart(part?.url ?? '', 2 * MB)
  const cut = running.answer.catch(() => null)
  await player.trpc.player.report.mutate({ revision: 0, adId: null, playerVersion: 'the last word' })
  const started = performance.now()
  expect(await program.stop('SIGTERM')).toBe(0)
  expect(performance.now() - started).toBeLessThan(10_000)
  expect(await cut).toBeNull()
  await using again = await startProgram({ dataDir })
  const back = makeHttpClient(again.url, { jar: owner.jar })
  expect((await back.trpc.screens.list.query()).items[0]?.playerVersion).toBe('the last word')
}, 60_000)

it('writes no secret and no signed address into its log, whatever is done, also at level debug', async () => {
  const { program, owner } = await startOwned({ MARQUEE_LOG_LEVEL: 'debug' })
  await using _ = program
  const { secret } = await owner.trpc.keys.create.mutate({ name: 'k', scopes: ['ads:read'], purpose: 'script' })
  const script = makeHttpClient(program.url, { key: secret })
  await script.trpc.ads.list.query({ search: 'private words' })
  const { asset } = await uploadPicture(owner, 'logged.png')
  await (await fetch(asset.url)).arrayBuffer()
  await (await fetch(asset.url, { headers: { origin: program.url } })).arrayBuffer()
  const broken = await fetch(`${asset.url}x`)
  const player = makeHttpClient(program.url)
  const { code } = await player.trpc.player.startPairing.mutate()
  await owner.trpc.screens.confirmPairing.mutate({ code, name: 'Window' })
  await player.trpc.player.pairingState.mutate()
  await player.trpc.player.report.mutate({ revision: 0, adId: null })
  const { url: invitation } = await owner.trpc.members.invite.mutate({ role: 'viewer' })
  await fetch(invitation)
  await fetch(`${program.url}/trpc/ads.list?key=${secret}`)
  await fetch(`${program.url}/trpc/ads.list`, { headers: { authorization: `Bearer ${secret}wrong` } })
  await owner.trpc.accounts.signIn.mutate({ email: person.email, password: 'not the password' }).catch(() => undefined)
  const secrets = [secret, person.password, 'not the password', program.setUpToken ?? '']
  const cookies = [...owner.jar.values(), ...player.jar.values()]
  const signatures = [asset.url, invitation].map((url) => url.split(/[?&]s=|\/invite\//)[1] ?? url)
  expect(await program.stop()).toBe(0)

  // The greeting shows the link of the first owner, and is no log line.
  const log = program
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
  const lines = log.map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(broken.status).toBe(403)
  expect(lines).toContainEqual(expect.objectContaining({ requestId: broken.headers.get('x-request-id'), status: 403 }))
  expect(lines).toContainEqual(
    expect.objectContaining({ procedure: 'ads.list', actor: 'key', code: 'ok', tenant: 'operation' }),
  )
  for (const value of [...secrets, ...cookies, ...signatures, 'private words', 'mq_', '&s='])
    expect(log.join('\n').includes(value), `the log has "${value.slice(0, 12)}…"`).toBe(false)
}, 60_000)

it('sends a span of each call to the collector of OTEL_EXPORTER_OTLP_ENDPOINT, below the span of the caller', async () => {
  await using collector = await receiveTraces()
  const { program, owner } = await startOwned({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
  await using _ = program
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const answer = await owner.fetch(`${program.url}/trpc/ads.list?input={}`, {
    headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` },
  })
  expect(answer.status).toBe(200)
  // What is held goes out with the end.
  expect(await program.stop()).toBe(0)
  const span = collector.spans().find(({ name }) => name === 'ads.list')
  expect(span).toMatchObject({ traceId, parentSpanId: 'b7ad6b7169203331' })
  expect(span?.attributes).toMatchObject({ 'marquee.tenant': 'operation', 'marquee.actor': 'person' })
  expect(collector.services()).toEqual(['marquee'])
}, 60_000)

it('ends as quickly when the collector of traces is away', async () => {
  const { program, owner } = await startOwned({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' })
  await using _ = program
  await owner.trpc.ads.list.query({})
  const started = performance.now()
  expect(await program.stop()).toBe(0)
  expect(performance.now() - started).toBeLessThan(10_000)
}, 60_000)

it('sends the headers that keep pages to themselves with every page', async () => {
  await using program = await startProgram()
  for (const path of ['/', '/sign-in', '/player/', '/api/']) {
    const { headers } = await fetch(`${program.url}${path}`)
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy, path).toContain("default-src 'self'")
    expect(policy, path).toContain("frame-ancestors 'none'")
    expect(/script-src[^;]*'unsafe-(inline|eval)'/.test(policy), path).toBe(false)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('referrer-policy')).toBe('same-origin')
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
  }
})
