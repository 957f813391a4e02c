import type { JudgeSource } from '@marquee/shared/judge.source.ts'
import { ensureKindSize, type Judged, judge } from '@marquee/shared/judge.ts'
import { type MediaFacts, maxPosterBytes, mediaTypes, type UploadCategory } from '@marquee/shared/media.ts'
import { MediaRefused } from '@marquee/shared/refused.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { StorageError } from '../../storage/storage.ts'
import { drawPoster, readPicture } from './media.pictures.usecases.ts'

export type Verdict = { readonly facts: MediaFacts; readonly poster: Uint8Array<ArrayBuffer> | null }

/** What stored bytes are, by their content. Throws `MediaRefused` for what screens can't show. */
export async function judgeStored(deps: Deps, key: string, category: UploadCategory): Promise<Verdict> {
  const info = await deps.storage.head(key)
  if (!info) throw new StorageError('not-found', `There is no "${key}"`)
  const judged: Judged = await judge(storedSource(deps, key, info.size))
  ensureKindSize(info.size, judged.kind, category)
  if ('width' in judged) return { facts: judged, poster: null }
  const { width, height, poster } = await readPicture(deps, key, judged.type)
  return { facts: { ...judged, width, height, durationMs: null, videoCodec: null, audioCodec: null }, poster }
}

/** A poster from `data:image/…;base64,…`, redrawn. `bad-input` unless it is a whole picture. */
export async function readPoster(dataUrl: string): Promise<Uint8Array<ArrayBuffer>> {
  const base64 = /^data:image\/(?:jpeg|png|webp);base64,([A-Za-z0-9+/]+={0,2})$/.exec(dataUrl)?.[1]
  if (base64 === undefined) throw badPoster('It must be a data URL of a JPEG, PNG or WebP')
  const bytes = Uint8Array.from(Buffer.from(base64, 'base64'))
  if (bytes.length > maxPosterBytes) throw badPoster(`It has more than ${maxPosterBytes} bytes`)
  try {
    const judged = await judge({ size: bytes.length, read: async (start, end) => bytes.slice(start, end) })
    if (judged.kind !== 'picture') throw badPoster('It must be a picture')
    return (await drawPoster(bytes)).poster
  } catch (error) {
    if (error instanceof MediaRefused) throw badPoster(error.message)
    throw error
  }
}

/** The sentence and code for whoever sent it. */
export function refusal(refused: MediaRefused): AppError {
  const code = refused.reason === 'too-large' ? 'too-large' : 'unsupported-media'
  return new AppError(code, refused.message, { reason: refused.reason, detail: refused.detail, cause: refused })
}

/** The extension that a key of these bytes gets. */
export function extensionFor(facts: MediaFacts): string {
  return mediaTypes[facts.type].extension
}

function storedSource(deps: Deps, key: string, size: number): JudgeSource {
  return {
    size,
    async read(start, end) {
      const found = await deps.storage.get(key, { range: { start, end: end - 1 } })
      if (!found) throw new StorageError('not-found', `There is no "${key}"`)
      return new Response(found.body).bytes()
    },
  }
}

function badPoster(why: string): AppError {
  return new AppError('bad-input', `The poster can't be used. ${why}. Leave it out or take another one`, {
    reason: 'poster',
  })
}
