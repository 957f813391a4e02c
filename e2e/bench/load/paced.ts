// An open loop: a fixed rate, and times counted from when a request was due, so that a slow answer also counts for those
// that wait behind it.
import { Agent, get } from 'node:http'
import { answerLoad } from './load.ts'

export type PacedTarget = { readonly name: string; readonly url: string; readonly headers: Record<string, string> }
export type PacedInput = {
  /** Asked in turn. */
  readonly targets: readonly PacedTarget[]
  readonly perSecond: number
  readonly count: number
}
/** Milliseconds of each request by the target's name. */
export type PacedAnswer = Record<string, number[]>

answerLoad<PacedInput, PacedAnswer>(async ({ targets, perSecond, count }) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const times: PacedAnswer = {}
  for (const target of targets.slice(0, 4)) await ask(target, agent)
  const started = performance.now() + 20
  const all = Array.from({ length: count }, async (_, at) => {
    const due = started + (at * 1000) / perSecond
    await new Promise((resolve) => setTimeout(resolve, due - performance.now()))
    const target = targets[at % targets.length]
    if (!target) return
    await ask(target, agent)
    const mine = times[target.name] ?? []
    mine.push(performance.now() - due)
    times[target.name] = mine
  })
  await Promise.all(all)
  return times
})

function ask({ url, headers }: PacedTarget, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent, headers }, (response) => {
      response.resume()
      response.once('error', reject)
      response.once('end', () =>
        response.statusCode === 200 ? resolve() : reject(new Error(`${url} answered ${response.statusCode}`)),
      )
    })
    request.once('error', reject)
  })
}
