// Sends a film as one stream.
import { createReadStream, statSync } from 'node:fs'
import { request } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { type Watched, watch } from '../processes.ts'
import { answerLoad } from './load.ts'

export type PutInput = { readonly url: string; readonly pid: number; readonly path: string }

answerLoad<PutInput, Watched>(async ({ url, pid, path }) => {
  const watched = watch(pid)
  const sending = request(url, { method: 'PUT', headers: { 'content-length': statSync(path).size } })
  const answered = new Promise<number>((resolve, reject) => {
    sending.once('response', (response) => resolve(response.resume().statusCode ?? 0)).once('error', reject)
  })
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), sending)
  if ((await answered) !== 204) throw new Error(`The upload was answered with ${await answered}`)
  return watched.end()
})
