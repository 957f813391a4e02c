// A closed loop: so many connections, each asking again as soon as it was answered. Says what the server used meanwhile.
import { Agent, get } from 'node:http'
import { type Watched, watch } from '../processes.ts'
import { answerLoad } from './load.ts'

export type Target = { readonly url: string; readonly headers?: Record<string, string> }
export type RequestsInput = {
  readonly pid: number
  /** Asked in turn. */
  readonly targets: readonly Target[]
  readonly connections: number
  readonly count: number
  readonly status: number
}
export type RequestsAnswer = Watched & { readonly bytes: number }

answerLoad<RequestsInput, RequestsAnswer>(async ({ pid, targets, connections, count, status }) => {
  const agent = new Agent({ keepAlive: true, maxSockets: connections, scheduling: 'fifo' })
  let [asked, bytes] = [0, 0]
  const work = async () => {
    while (asked < count) {
      const target = targets[asked++ % targets.length]
      const size = target ? await ask(target, agent, status) : 0
      bytes += size
    }
  }
  // Every connection is open, and every path of code was taken, before it counts.
  await Promise.all(targets.slice(0, connections).map((target) => ask(target, agent, status)))
  const watched = watch(pid)
  await Promise.all(Array.from({ length: connections }, work))
  return { ...watched.end(), bytes }
})

function ask({ url, headers }: Target, agent: Agent, status: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent, ...(headers && { headers }) }, (response) => {
      let size = 0
      response.on('data', (chunk: Buffer) => {
        size += chunk.byteLength
      })
      response.once('error', reject)
      response.once('end', () => {
        if (response.statusCode === status) resolve(size)
        else reject(new Error(`${url} answered ${response.statusCode}, not ${status}`))
      })
    })
    request.once('error', reject)
  })
}
