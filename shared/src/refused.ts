import type { ErrorDetail } from './errors.ts'
import type { Refusal } from './media.ts'

/** A file that is not taken because of its content. The message says what it is and what to do. */
export class MediaRefused extends Error {
  readonly reason: Refusal
  readonly detail: ErrorDetail
  constructor(reason: Refusal, detail: ErrorDetail = {}) {
    super(sentenceFor(reason, detail))
    this.name = 'MediaRefused'
    this.reason = reason
    this.detail = detail
  }
}

const accepted = 'MP4, MOV, WebM, JPEG, PNG, WebP, GIF and AVIF'
const sentences: Record<Refusal, (detail: ErrorDetail) => string> = {
  empty: () => 'This file is empty. Choose another one or copy it anew',
  'cut-off': () => 'This file is cut off or damaged: a part of it is missing. Copy or export it again',
  'unknown-type': () => `This is neither a film nor a picture that screens show. Screens show ${accepted}`,
  container: ({ found }) =>
    `This film is in ${found ?? 'a format'}, which screens can't play. Export it as MP4 with H.264`,
  'video-codec': ({ found }) =>
    `This film is ${found ?? 'of an unknown codec'}, which screens can't play. Export it as H.264`,
  'audio-codec': ({ found }) =>
    `The sound of this film is ${found ?? 'of an unknown codec'}, which screens can't play. Export it with AAC`,
  encrypted: () => "This film is encrypted (DRM), so screens can't play it. Export it without copy protection",
  'no-video-track': () => 'This file has sound only, no picture. Choose a film or a picture',
  heic: () =>
    "This picture is HEIC, which screens can't show. Save it as JPEG (on an iPhone: Settings, Camera, Formats, Most Compatible)",
  markup: () => 'This file has web page code in it (HTML or SVG). Save it as a plain picture or film',
  'picture-damaged': () => 'This picture is damaged or cut off. Save or copy it again',
  'picture-too-big': ({ width, height }) =>
    `This picture has ${width ?? '?'} × ${height ?? '?'} pixels, more than screens can show. Make it smaller, e.g. 3840 × 2160`,
  'too-large': ({ maxMB }) => `This file is too large; at most ${maxMB ?? '?'} MB are taken. Make it smaller`,
}

function sentenceFor(reason: Refusal, detail: ErrorDetail): string {
  return sentences[reason](detail)
}
