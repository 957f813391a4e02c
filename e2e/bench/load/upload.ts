// Sends a film to Marquee with its own uploader, as a script does.
import { uploadFile } from '@marquee/shared/upload.ts'
import { openFilm } from '../film.ts'
import { type Watched, watch } from '../processes.ts'
import { connect } from './client.ts'
import { answerLoad } from './load.ts'

export type UploadInput = {
  readonly url: string
  readonly pid: number
  readonly key: string
  readonly path: string
  readonly stamp: string
}

answerLoad<UploadInput, Watched>(async ({ url, pid, key, path, stamp }) => {
  const { uploads } = connect(url, { authorization: `Bearer ${key}` })
  const source = openFilm(path, stamp)
  const watched = watch(pid)
  await uploadFile({ api: uploads, source }).done
  const used = watched.end()
  source.close()
  return used
})
