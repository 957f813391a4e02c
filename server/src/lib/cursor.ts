import { AppError } from '../errors.ts'

type Key = { string: string; number: number }

/** An opaque cursor of a list: the sort key of the last item of a page. */
export function encodeCursor(key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url')
}

/** The sort key in a cursor; `bad-input` unless it has values of these types. */
export function decodeCursor<const T extends readonly (keyof Key)[]>(
  cursor: string,
  types: T,
): { -readonly [K in keyof T]: Key[T[K]] } {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    // `fits` compared each value's type with the wanted one.
    if (Array.isArray(key) && key.length === types.length && types.every((type, at) => fits(key[at], type)))
      return key as never
  } catch {
    // Falls through to the same refusal as a cursor of the wrong shape.
  }
  throw new AppError('bad-input', 'The cursor is not one of this list. Ask for the first page again')
}

/** Postgres refuses to compare with text that has a NUL. */
function fits(value: unknown, type: keyof Key): boolean {
  return typeof value === type && !(typeof value === 'string' && value.includes('\0'))
}
