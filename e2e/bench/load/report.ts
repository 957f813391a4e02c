// A script uploads pictures; a screen that is a script, too, fetches its manifest and reports when it hears of a new revision.
import { get } from 'node:http'
import { uploadFile } from '@marquee/shared/upload.ts'
import sharp from 'sharp'
import { connect } from './client.ts'
import { answerLoad } from './load.ts'

export type ReportInput = {
  readonly url: string
  readonly key: string
  readonly cookie: string
  readonly count: number
  readonly everyMs: number
}
export type ReportAnswer = {
  /** Milliseconds from the call of `uploads.complete` until the server took the screen's report of the new revision. */
  readonly fromCall: number[]
  /** The same from the answer to `uploads.complete`. */
  readonly fromAnswer: number[]
}

const warmUps = 10

answerLoad<ReportInput, ReportAnswer>(async ({ url, key, cookie, count, everyMs }) => {
  const { uploads } = connect(url, { authorization: `Bearer ${key}` })
  const screen = play(url, cookie)
  const answer: ReportAnswer = { fromCall: [], fromAnswer: [] }
  for (let at = -warmUps; at < count; at++) {
    const bytes = await picture(at + warmUps)
    let called = 0
    const completion = () => {
      called = performance.now()
      return { ad: {} }
    }
    const source = new File([bytes], `picture-${at}.png`)
    const { revision } = await uploadFile({ api: uploads, source, completion }).done
    const answered = performance.now()
    const reported = await screen.reported(revision)
    if (at < 0) continue
    answer.fromCall.push(reported - called)
    answer.fromAnswer.push(Math.max(0, reported - answered))
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, everyMs - (performance.now() - called))))
  }
  return answer
})

/** A screen: says when it had reported a revision. */
function play(url: string, cookie: string) {
  const { player } = connect(url, { cookie })
  const reports: { revision: number; at: number }[] = []
  let wake = () => {}
  const converge = async () => {
    const manifest = await player.manifest.query()
    const adId = manifest.items[0]?.adId ?? null
    await player.report.mutate({ revision: manifest.revision, adId })
    reports.push({ revision: manifest.revision, at: performance.now() })
    wake()
  }
  const headers = { cookie, accept: 'text/event-stream' }
  let working = Promise.resolve()
  get(`${url}/trpc/live.screen?input=%7B%7D`, { headers, agent: false }, (response) => {
    response.setEncoding('utf8').on('data', (text: string) => {
      if (/"revision":\d+/.test(text)) working = working.then(converge)
    })
  })
  return {
    async reported(revision: number): Promise<number> {
      for (;;) {
        const found = reports.find((one) => one.revision >= revision)
        if (found) return found.at
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}

/** No two are the same. */
async function picture(at: number): Promise<Uint8Array<ArrayBuffer>> {
  const background = { r: at % 256, g: (at * 7) % 256, b: Math.floor(at / 256) }
  return new Uint8Array(
    await sharp({ create: { width: 1280, height: 720, channels: 3, background } })
      .png()
      .toBuffer(),
  )
}
