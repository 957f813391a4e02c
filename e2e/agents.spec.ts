import { connectLegacy, connectModern, type McpClients } from '../server/test/mcp-clients.ts'
import { expect, type Installation, test } from './fixtures.ts'
import { adCard } from './panel-page.ts'
import { colourFilm } from './sample-media.ts'
import { colourOn, probe } from './screen-page.ts'

test.describe.configure({ timeout: 300_000 })

const television = { viewport: { width: 1280, height: 720 } }
const generations = [
  { name: 'the protocol of 2025 (SDK 1)', connect: connectLegacy },
  { name: 'the protocol of 2026 (SDK 2)', connect: connectModern },
]

async function makeKey({ owner }: Installation): Promise<string> {
  const scopes = ['ads:read', 'ads:write', 'screens:read', 'screens:write'] as const
  const { secret } = await owner.trpc.keys.create.mutate({ name: 'Robot', purpose: 'agent', scopes: [...scopes] })
  return secret
}

/** What an agent reads of an answer; both SDKs give it in this form. */
type Answer = { isError?: boolean; structuredContent?: unknown; content: { type: string; text?: string }[] }

async function call<T>(agent: McpClients, name: string, args: Record<string, unknown> = {}): Promise<T> {
  const answer = (await agent.callTool({ name, arguments: args })) as Answer
  if (answer.isError) throw new Error(answer.content[0]?.text)
  return answer.structuredContent as T
}

/** The error of a call that is refused. */
async function refusal(agent: McpClients, name: string, args: Record<string, unknown>) {
  const answer = (await agent.callTool({ name, arguments: args })) as Answer
  expect(answer.isError).toBe(true)
  type Refusal = { error: { code: string; detail?: { approvalId?: string } } }
  return (JSON.parse(answer.content[0]?.text ?? '') as Refusal).error
}

async function uploadFilm(agent: McpClients): Promise<string> {
  const film = colourFilm('green', 10)
  type Upload = { upload_id: string; part_size: number; parts: { part: number; url: string }[] }
  const upload = await call<Upload>(agent, 'create_upload', { filename: 'noodles.mp4', size_bytes: film.length })
  for (const { part, url } of upload.parts) {
    const start = (part - 1) * upload.part_size
    const sent = await fetch(url, { method: 'PUT', body: film.slice(start, start + upload.part_size) })
    expect(sent.status).toBe(204)
  }
  const title = 'Noodles for two'
  const done = await call<{ advertisement: { id: string } }>(agent, 'complete_upload', {
    upload_id: upload.upload_id,
    title,
    fit: 'cover',
    enabled: false,
  })
  return done.advertisement.id
}

for (const { name, connect } of generations) {
  test(`an agent over ${name} uploads an ad, finds it, plays it on a screen, and deletes it when a manager says so`, async ({
    installation,
    page: phone,
    elsewhere,
  }) => {
    const screen = await elsewhere(television)
    await installation.pairScreen(screen, 'Window')
    await installation.signIn(phone.context())
    await phone.goto(installation.url)
    const agent = await connect({ url: installation.url, key: await makeKey(installation) })

    const id = await uploadFilm(agent)
    const found = await call<{ advertisements: { id: string }[] }>(agent, 'search_advertisements', { query: 'noodles' })
    expect(found.advertisements.map((one) => one.id)).toEqual([id])

    // It is off, so nothing but this call shows it.
    await expect.poll(async () => (await probe(screen)).page).toBe('empty')
    const { screens } = await call<{ screens: { id: string }[] }>(agent, 'list_screens')
    await call(agent, 'play_advertisement', { screen_id: screens[0]?.id, id })
    await expect.poll(async () => (await probe(screen)).history, { timeout: 30_000 }).toContain(id)
    await expect.poll(() => colourOn(screen)).toBe('green')
    await expect.poll(async () => (await probe(screen)).page, { timeout: 60_000 }).toBe('empty')

    const rehearsed = await call<{ would: string }>(agent, 'delete_advertisement', { id, dry_run: true })
    expect(rehearsed.would).toContain(id)
    const { code, detail } = await refusal(agent, 'delete_advertisement', { id })
    expect(code).toBe('approval-needed')
    const approval = { approval_id: detail?.approvalId }
    expect((await refusal(agent, 'delete_advertisement', { id, ...approval })).code).toBe('approval-needed')
    await expect(adCard(phone, 'Noodles for two')).toBeVisible()

    const waiting = call<{ state: string }>(agent, 'get_approval', { ...approval, wait_seconds: 25 })
    await phone.getByRole('link', { name: /Robot waits for your approval/ }).click()
    await phone.getByRole('button', { name: 'Approve' }).click()
    expect((await waiting).state).toBe('granted')
    await call(agent, 'delete_advertisement', { id, ...approval })
    await phone.goto(`${installation.url}/activity`)
    await expect(phone.getByText('called the tool delete_advertisement').first()).toBeVisible()
    await phone.goto(installation.url)
    await expect(phone.getByText('No ads yet')).toBeVisible()
    await agent.close()
  })
}
