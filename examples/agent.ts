// An agent without a language model: uploads a film or picture as an ad, finds it, and plays it on the first screen that is online.
//
//   MARQUEE_URL=http://127.0.0.1:12393 MARQUEE_KEY=mq_… node examples/agent.ts FILE
//
// Deno runs it unchanged: deno run --allow-env --allow-net --allow-read examples/agent.ts FILE
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import process from 'node:process'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'

const [path] = process.argv.slice(2)
const { MARQUEE_URL: url = 'http://127.0.0.1:12393', MARQUEE_KEY: key } = process.env
if (!path || !key) {
  console.error('Usage: MARQUEE_KEY=mq_… node examples/agent.ts FILE')
  process.exit(2)
}

const client = new Client({ name: 'example-agent', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } })
const headers = { authorization: `Bearer ${key}` }
await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', url), { requestInit: { headers } }))

const { tools } = await client.listTools()
console.log(`This key may call ${tools.map((tool) => tool.name).join(', ')}`)

const file = await readFile(path)
type Upload = { upload_id: string; part_size: number; parts: { part: number; url: string }[] }
let upload: Upload = await call('create_upload', { filename: basename(path), size_bytes: file.length })
while (upload.parts.length > 0) {
  for (const { part, url } of upload.parts) {
    const start = (part - 1) * upload.part_size
    const sent = await fetch(url, { method: 'PUT', body: file.subarray(start, start + upload.part_size) })
    if (!sent.ok) throw new Error(await sent.text())
  }
  upload = await call('continue_upload', { upload_id: upload.upload_id })
}
const { advertisement } = await call<{ advertisement: { id: string; title: string } }>('complete_upload', {
  upload_id: upload.upload_id,
})
console.log(`Uploaded "${advertisement.title}"`)

const found = await call<{ advertisements: { id: string }[] }>('search_advertisements', { query: advertisement.title })
console.log(`The search finds it among ${found.advertisements.length}`)

const { screens } = await call<{ screens: { id: string; name: string; online: boolean }[] }>('list_screens')
const screen = screens.find(({ online }) => online)
if (screen) {
  await call('play_advertisement', { screen_id: screen.id, id: advertisement.id })
  console.log(`Plays on "${screen.name}" now`)
} else console.log('No screen is online')
await client.close()

/** Calls a tool and gives its answer, or throws the server's sentence. */
async function call<Answer>(name: string, args: Record<string, unknown> = {}): Promise<Answer> {
  const { isError, content, structuredContent } = await client.callTool({ name, arguments: args })
  if (isError) throw new Error(content.map((block) => (block.type === 'text' ? block.text : '')).join('\n'))
  // The tool's output schema says that it is one.
  return structuredContent as Answer
}
