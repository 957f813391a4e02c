/** What a code means for whoever gets it: its HTTP status and whether the same call may work later. */
type ErrorMeaning = { readonly status: number; readonly retry: boolean }

/**
 * The closed list of error codes. Every door (tRPC, REST, MCP, media) answers with one of these;
 * panel and player hold one sentence per code and language. A new code needs a row in their message files.
 */
export const errorCodes = {
  'bad-input': { status: 400, retry: false },
  'key-in-url': { status: 400, retry: false },
  'not-signed-in': { status: 401, retry: false },
  'wrong-credentials': { status: 401, retry: false },
  'not-allowed': { status: 403, retry: false },
  'wrong-origin': { status: 403, retry: false },
  'bad-signature': { status: 403, retry: false },
  'link-expired': { status: 403, retry: false },
  'approval-needed': { status: 403, retry: true },
  'not-found': { status: 404, retry: false },
  conflict: { status: 409, retry: false },
  busy: { status: 409, retry: true },
  gone: { status: 410, retry: false },
  'too-large': { status: 413, retry: false },
  'unsupported-media': { status: 415, retry: false },
  'range-not-satisfiable': { status: 416, retry: false },
  checksum: { status: 422, retry: true },
  'parts-missing': { status: 422, retry: true },
  'too-many-attempts': { status: 429, retry: true },
  'rate-limited': { status: 429, retry: true },
  quota: { status: 403, retry: false },
  'client-gone': { status: 499, retry: true },
  internal: { status: 500, retry: true },
  unavailable: { status: 503, retry: true },
  'storage-full': { status: 507, retry: true },
} as const satisfies Record<string, ErrorMeaning>

export type ErrorCode = keyof typeof errorCodes

/** Facts that go with an error, for sentences in the user's language and for agents; never secrets, never paths. */
export type ErrorDetail = Readonly<Record<string, string | number | boolean>>

/** What every tRPC error carries as `error.data`. `reason` names the exact rule, e.g. `video-codec`. */
export type ErrorData = {
  readonly code: ErrorCode
  readonly reason?: string
  readonly detail?: ErrorDetail
  readonly requestId?: string
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorCodes, value)
}
