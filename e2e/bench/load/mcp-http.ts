// A closed loop of tool calls over HTTP, each connection calling again as soon as it was answered.
import { Agent, request } from 'node:http'
import { type Watched, watch } from '../processes.ts'
import { answerLoad } from './load.ts'
import { type Call, ensureAnswer, toMessage, version } from './mcp.message.ts'

export type McpHttpInput = Call & {
  readonly pid: number
  readonly url: string
  readonly key?: string
  readonly connections: number
  readonly count: number
}
export type McpAnswer = Watched & { readonly bytes: number }

answerLoad<McpHttpInput, McpAnswer>(async (input) => {
  const { pid, connections, count } = input
  const agent = new Agent({ keepAlive: true, maxSockets: connections, scheduling: 'fifo' })
  let [asked, bytes] = [0, 0]
  const work = async () => {
    while (asked < count) {
      const size = await call(++asked, input, agent)
      bytes += size
    }
  }
  for (let at = 0; at < connections; at++) await call(at, input, agent)
  const watched = watch(pid)
  await Promise.all(Array.from({ length: connections }, work))
  return { ...watched.end(), bytes }
})

function call(id: number, { url, key, ...rest }: McpHttpInput, agent: Agent): Promise<number> {
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': version,
    'mcp-method': 'tools/call',
    'mcp-name': rest.tool,
    ...(key && { authorization: `Bearer ${key}` }),
  }
  return new Promise((resolve, reject) => {
    const asking = request(`${url}/mcp`, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.once('error', reject)
      response.once('end', () => {
        const text = Buffer.concat(chunks)
        try {
          // The first bytes tell; to read all of it would measure the reader.
          if (id % 100 === 0) ensureAnswer(text.toString())
          resolve(text.byteLength)
        } catch (error) {
          reject(error)
        }
      })
    })
    asking.once('error', reject)
    asking.end(toMessage(id, rest))
  })
}
