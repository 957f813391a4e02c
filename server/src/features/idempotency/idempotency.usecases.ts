import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { seal, unseal } from '../../lib/sealed.ts'
import { hashToken } from '../../lib/secret.ts'
import * as queries from './idempotency.queries.ts'

/** Answers are kept for this long. */
export const answerLifetimeMs = 24 * 60 * 60 * 1000
/** A running call says this often that it runs; one that was silent for `silentMs` is dead, and another may take over. */
const renewMs = 30_000
const silentMs = 2 * 60_000

export type Answer = { readonly status: number; readonly body: string }
/** Which call it is: of whom (a tenant, and who in it), under which key. */
export type Call = { readonly tenantId: string; readonly caller: string; readonly what: string; readonly key: string }

/** The right to make a call, or the answer that it had before. */
export type Claim =
  | {
      readonly state: 'mine'
      /** Keeps the answer, with a hash of what was asked, for whoever repeats the call. */
      keep(answer: Answer, requestHash: string): Promise<void>
      /** Forgets the claim: the call may be made again. */
      release(): Promise<void>
    }
  | { readonly state: 'answered'; readonly answer: Answer; readonly requestHash: string }

/**
 * Claims a call that carries an `Idempotency-Key`. `busy` while the first one runs. A crash in the middle of a call leaves
 * a claim that the next one takes over after two minutes.
 */
export async function claimCall(deps: Deps, call: Call): Promise<Claim> {
  const { tenantId, caller, what, key } = call
  const id = hashToken([tenantId, caller, what, key].join('\n'))
  const row = { id, tenantId, requestHash: '', status: null, body: null, createdAt: deps.clock.now() }
  const before = await deps.db.write(async (tx) =>
    (await queries.addClaim(tx, row)) ? null : queries.findClaim(tx, id),
  )
  if (before === null) return mine(deps, row)
  if (before.status !== null) return answered(deps, before)
  const now = deps.clock.now()
  const silent = now.getTime() - before.createdAt.getTime() > silentMs
  if (silent && (await deps.db.write((tx) => queries.renewClaim(tx, before, now))))
    return mine(deps, { ...row, createdAt: now })
  throw new AppError('busy', 'The first call with this Idempotency-Key still runs. Ask again in a moment', {
    reason: 'idempotency-running',
  })
}

/** Refuses a key that was used for something else. */
export function ensureSameRequest(before: string, now: string): void {
  if (before === now) return
  throw new AppError(
    'conflict',
    'This Idempotency-Key was used for another request. Take a new key for each thing that is to be done',
    { reason: 'idempotency-key' },
  )
}

function mine(deps: Deps, row: queries.IdempotencyRow): Claim {
  let held = row
  const timer = setInterval(() => {
    const now = deps.clock.now()
    deps.db
      .write((tx) => queries.renewClaim(tx, held, now))
      .then(() => {
        held = { ...held, createdAt: now }
      })
      .catch((err: unknown) => deps.log.warn({ err }, 'A claim of an Idempotency-Key was not renewed'))
  }, renewMs)
  return {
    state: 'mine',
    async keep({ status, body }, requestHash) {
      clearInterval(timer)
      const kept = { status, body: seal(secretOf(deps), body), requestHash, createdAt: deps.clock.now() }
      await deps.db.write((tx) => queries.setAnswer(tx, row.id, kept))
    },
    async release() {
      clearInterval(timer)
      await deps.db.write((tx) => queries.removeClaim(tx, row.id))
    },
  }
}

/** Answers may have secrets (a new key is shown once), so they lie sealed. */
function secretOf(deps: Deps): string {
  return deps.secret.derive('idempotency')
}

function answered(deps: Deps, { status, body, requestHash }: queries.IdempotencyRow): Claim {
  const text = unseal(secretOf(deps), body ?? '')
  if (status === null || text === null)
    throw new AppError('gone', 'The answer to this Idempotency-Key can not be read any more. Take a new key')
  return { state: 'answered', answer: { status, body: text }, requestHash }
}

/** Forgets what is older than a day. */
export async function sweepAnswers(deps: Deps): Promise<void> {
  const before = new Date(deps.clock.now().getTime() - answerLifetimeMs)
  await deps.db.write((tx) => queries.removeOldClaims(tx, before))
}
