import { AppError } from '../../errors.ts'

const full: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'SQLITE_FULL', 'full'])
const denied: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS', 'denied'])

/** What a person can act on, as a sentence that names the place; everything else stays what it is. */
export function diskError(error: unknown, path: string): unknown {
  for (let at = error; at instanceof Error && !(at instanceof AppError); at = at.cause) {
    if (!('code' in at) || typeof at.code !== 'string') continue
    const place = 'path' in at && typeof at.path === 'string' ? at.path : path
    if (full.has(at.code))
      return new AppError('storage-full', `The disk of "${path}" is full. Free some space and try again`, {
        cause: error,
      })
    if (denied.has(at.code))
      return new AppError(
        'unavailable',
        `"${place}" can't be written or read (${at.code}). Check its owner and permissions`,
        {
          cause: error,
        },
      )
  }
  return error
}
