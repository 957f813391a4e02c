import { type ErrorCode, type ErrorData, type ErrorDetail, errorCodes } from '@marquee/shared/errors.ts'

/**
 * A refusal with one of the closed list of codes. `reason` names the exact rule where one code has several; `detail`
 * has the facts for the user's sentence. The message is English, for logs, agents and scripts: sentence case, the value
 * in quotes, what to do, no final stop.
 */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly reason: string | undefined
  readonly detail: ErrorDetail | undefined
  constructor(
    code: ErrorCode,
    message: string,
    options: { reason?: string; detail?: ErrorDetail; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.reason = options.reason
    this.detail = options.detail
  }
  get status(): number {
    return errorCodes[this.code].status
  }
}

/** What is wrong with a thing that is not there, or is another tenant's: the two look alike. */
export function notFound(what: string, id: string): AppError {
  return new AppError('not-found', `There is no ${what} "${id.slice(0, 80)}"`, { detail: { what } })
}

/** Errors of the ports have codes of their own; here they get the outside's. Anything unknown is `internal`. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof AppError) return at
    const known = fromPort(at)
    if (known) return known
  }
  return new AppError(
    'internal',
    'Something went wrong on the server. Try again; if it stays, look for the request id in the log',
    { cause: error },
  )
}

const portCodes: Record<string, Record<string, ErrorCode>> = {
  DbError: {
    unique: 'conflict',
    locked: 'unavailable',
    full: 'storage-full',
    unavailable: 'unavailable',
    newer: 'unavailable',
  },
  StorageError: {
    'not-found': 'not-found',
    'too-large': 'too-large',
    full: 'storage-full',
    denied: 'unavailable',
    unavailable: 'unavailable',
    aborted: 'client-gone',
    checksum: 'checksum',
    'parts-missing': 'parts-missing',
    'bad-part': 'bad-input',
    'bad-key': 'not-found',
  },
}

function fromPort(error: Error): AppError | null {
  const code = 'code' in error && typeof error.code === 'string' ? portCodes[error.name]?.[error.code] : undefined
  return code ? new AppError(code, error.message, { cause: error }) : null
}

/** The part of an error that leaves the server. */
export function errorData(error: AppError, requestId?: string): ErrorData {
  return {
    code: error.code,
    ...(error.reason !== undefined && { reason: error.reason }),
    ...(error.detail !== undefined && { detail: error.detail }),
    ...(requestId !== undefined && { requestId }),
  }
}
