// A tenant that sends as much as it may: lists, searches and uploads from many connections, waiting only as long as it is told.
import { answerLoad } from './load.ts'

export type HammerInput = {
  readonly url: string
  readonly key: string
  readonly gets: readonly string[]
  readonly connections: number
  readonly forMs: number
}
export type HammerAnswer = { readonly answered: number; readonly refused: number }

answerLoad<HammerInput, HammerAnswer>(async ({ url, key, gets, connections, forMs }) => {
  const until = performance.now() + forMs
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  let [answered, refused, turn] = [0, 0, 0]
  const post = (path: string, body: object) =>
    fetch(`${url}/trpc/${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  const upload = async () => {
    const created = await post('uploads.create', { fileName: 'hammer.png', size: 100_000 })
    const { result } = (await created.json()) as { result?: { data: { id: string } } }
    if (result) await (await post('uploads.cancel', { id: result.data.id })).arrayBuffer()
    return created
  }
  const read = async () => {
    const answer = await fetch(gets[turn % gets.length] ?? url, { headers })
    await answer.arrayBuffer()
    return answer
  }
  const work = async () => {
    while (performance.now() < until) {
      const { status, headers } = await (turn++ % 10 === 0 ? upload() : read())
      if (status === 429) {
        refused++
        await new Promise((resolve) => setTimeout(resolve, Number(headers.get('retry-after')) * 1000))
      } else answered++
    }
  }
  await Promise.all(Array.from({ length: connections }, work))
  return { answered, refused }
})
