import { approvalHeader } from '@marquee/shared/approvals.ts'

const problem = (description: string, headers?: object) => ({
  description,
  ...(headers && { headers }),
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
})

/** Why calls are refused; each operation names those that it may meet. */
export const responses = {
  BadInput: problem('The arguments do not fit: `bad-input`, `key-in-url`'),
  NotSignedIn: problem('No key, or a wrong one: `not-signed-in`, `wrong-credentials`'),
  NotAllowed: problem('The key may not do this, or it waits for a manager: `not-allowed`, `quota`, `approval-needed`'),
  NotFound: problem('There is no such thing in the tenant: `not-found`'),
  Conflict: problem('It is not as the call expects, or the same call still runs: `conflict`, `busy`'),
  TooLarge: problem('More bytes than are taken: `too-large`'),
  UnsupportedMedia: problem('The body is no JSON, or screens can not show the file: `unsupported-media`'),
  TooManyAttempts: problem('Too many calls: `rate-limited`, `too-many-attempts`', {
    'retry-after': { description: 'Seconds to wait', schema: { type: 'integer' } },
  }),
  Failed: problem('The server failed, or its storage is full: `internal`, `unavailable`, `storage-full`'),
}

export const parameters = {
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'Any text of your choice, e.g. a UUID. The same call with the same key is done once and answered the same, for a day',
    schema: { type: 'string', minLength: 1, maxLength: 255 },
  },
  Approval: {
    name: approvalHeader,
    in: 'header',
    description: 'The `approvalId` of an answer `approval-needed`, once a manager granted it',
    schema: { type: 'string' },
  },
}

const ref = (name: keyof typeof responses) => ({ $ref: `#/components/responses/${name}` })

/** Refusals that every call may meet, and those of calls with a body. */
export const refusals = {
  always: {
    400: ref('BadInput'),
    401: ref('NotSignedIn'),
    403: ref('NotAllowed'),
    404: ref('NotFound'),
    429: ref('TooManyAttempts'),
    default: ref('Failed'),
  },
  withBody: { 409: ref('Conflict'), 413: ref('TooLarge'), 415: ref('UnsupportedMedia') },
}

export const idempotency = { $ref: '#/components/parameters/IdempotencyKey' }
export const approvalParameter = { $ref: '#/components/parameters/Approval' }
