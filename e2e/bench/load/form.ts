// Posts a film as a form, as curl -F does: one connection, the length said before.
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { openFilm } from '../film.ts'
import { type Watched, watch } from '../processes.ts'
import { answerLoad } from './load.ts'

export type FormInput = {
  readonly url: string
  readonly pid: number
  readonly path: string
  readonly stamp: string
  readonly key?: string
}

const pieceBytes = 1024 * 1024
const boundary = '------------------------d74496d66958873e'
const head = Buffer.from(
  `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="film.mp4"\r\nContent-Type: video/mp4\r\n\r\n`,
)
const tail = Buffer.from(
  `\r\n--${boundary}\r\nContent-Disposition: form-data; name="category"\r\n\r\nads\r\n--${boundary}--\r\n`,
)

answerLoad<FormInput, Watched>(async ({ url, pid, path, stamp, key }) => {
  const film = openFilm(path, stamp)
  const watched = watch(pid)
  const posting = request(url, {
    method: 'POST',
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': head.length + film.size + tail.length,
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
    },
  })
  const answered = once(posting, 'response')
  posting.write(head)
  for (let at = 0; at < film.size; at += pieceBytes)
    // Films give bytes.
    await write(posting, (await film.slice(at, Math.min(film.size, at + pieceBytes))) as Uint8Array)
  posting.end(tail)
  const [answer] = (await answered) as [IncomingMessage]
  const text = (await answer.setEncoding('utf8').toArray()).join('')
  const used = watched.end()
  film.close()
  if (answer.statusCode !== 200) throw new Error(`The form was answered ${answer.statusCode}: ${text}`)
  return used
})

async function write(posting: ClientRequest, bytes: Uint8Array): Promise<void> {
  if (!posting.write(bytes)) await once(posting, 'drain')
}
