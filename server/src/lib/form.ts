import { decodeField, type MultipartError, make, type PartInfo } from 'multipasta'
import { AppError } from '../errors.ts'

/** More parts, longer fields or more bytes around them are no honest form. */
const maxParts = 20
const maxFieldBytes = 4096
const maxTailBytes = 64 * 1024

type Source = AsyncIterator<Uint8Array>
type Event =
  | { readonly kind: 'file'; readonly name: string; readonly fileName: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'file-end' }

export type FormFile = {
  readonly name: string
  readonly fileName: string
  /** To be read once, to its end, before the form goes on. */
  readonly body: AsyncIterable<Uint8Array>
}

/** A `multipart/form-data` body as it comes: fields are gathered, files are handed on piece by piece. */
export type Form = {
  /** Those that came so far. */
  readonly fields: ReadonlyMap<string, string>
  /** Reads on to the next file, or to the end (null). */
  nextFile(): Promise<FormFile | null>
}

/** Every fault of the form is `bad-input` with the reason `form`. */
export function readForm(contentType: string | null, source: Source): Form {
  const parsed = parser(contentType)
  const next = async (): Promise<Event | null> => {
    for (;;) {
      if (parsed.problem) throw parsed.problem
      const event = parsed.events.shift()
      if (event) return event
      const { done, value } = await source.next()
      if (done) return parsed.end()
      parsed.write(value)
    }
  }
  return {
    fields: parsed.fields,
    async nextFile() {
      const event = await next()
      if (event === null) return null
      if (event.kind !== 'file') throw new TypeError('A file of a form is to be read to its end first')
      return { name: event.name, fileName: event.fileName, body: fileBody(next) }
    },
  }
}

async function* fileBody(next: () => Promise<Event | null>): AsyncGenerator<Uint8Array> {
  for (;;) {
    const event = await next()
    if (event === null || event.kind === 'file') throw broken('It ends inside a file')
    if (event.kind === 'file-end') return
    yield event.bytes
  }
}

function parser(contentType: string | null) {
  if (!/^multipart\/form-data\b/i.test(contentType ?? ''))
    throw new AppError('bad-input', 'Send a form as "multipart/form-data", e.g. with curl -F "file=@film.mp4"', {
      reason: 'form',
    })
  const state = { problem: null as AppError | null, isDone: false, tail: 0 }
  const fields = new Map<string, string>()
  const events: Event[] = []
  const fail = (error: AppError) => {
    state.problem ??= error
  }
  const parser = make({
    headers: { 'content-type': contentType ?? '' },
    maxParts,
    maxFieldSize: maxFieldBytes,
    isFile: ({ filename }) => filename !== undefined,
    onField: (info, value) => addField(fields, { info, value, fail }),
    onFile: ({ name, filename = '' }) => {
      events.push({ kind: 'file', name, fileName: filename })
      return (bytes) => events.push(bytes === null ? { kind: 'file-end' } : { kind: 'bytes', bytes })
    },
    onError: (error) => fail(broken(sentenceOf(error))),
    onDone: () => {
      state.isDone = true
    },
  })
  return {
    fields,
    events,
    get problem() {
      return state.problem
    },
    write(bytes: Uint8Array) {
      if (!state.isDone) return guarded(() => parser.write(bytes), fail)
      state.tail += bytes.byteLength
      if (state.tail > maxTailBytes) fail(broken('It goes on behind its end'))
    },
    /** Gives what was held back until it was sure that nothing follows. */
    end(): Event | null {
      if (!state.isDone) guarded(() => parser.end(), fail)
      if (state.problem) throw state.problem
      if (!state.isDone) throw broken('It ends before its last boundary')
      return events.shift() ?? null
    },
  }
}

/** The parser throws at names with bad escapes. */
function guarded(work: () => void, fail: (error: AppError) => void): void {
  try {
    work()
  } catch {
    fail(broken('A header of a part can not be read'))
  }
}

type Found = { readonly info: PartInfo; readonly value: Uint8Array; readonly fail: (error: AppError) => void }

function addField(fields: Map<string, string>, { info, value, fail }: Found): void {
  if (fields.has(info.name)) fail(broken(`The field "${info.name.slice(0, 40)}" is there twice`))
  fields.set(info.name, decodeField(info, value))
}

function sentenceOf(error: MultipartError): string {
  switch (error._tag) {
    case 'InvalidBoundary':
      return 'Its content type has no boundary. Let the HTTP client write the header'
    case 'BadHeaders':
      return 'The headers of a part are too long or can not be read'
    case 'InvalidDisposition':
      return 'A part has no name'
    case 'EndNotReached':
      return 'It ends before its last boundary'
    case 'ReachedLimit':
      return error.limit === 'MaxParts'
        ? `It has more than ${maxParts} parts`
        : `A field has more than ${maxFieldBytes} bytes`
  }
}

function broken(what: string): AppError {
  return new AppError('bad-input', `The form can't be read. ${what}`, { reason: 'form' })
}
