import { AppError } from '../errors.ts'
import { type Answer, claimCall, ensureSameRequest } from '../features/idempotency/idempotency.usecases.ts'
import type { Asked } from './call.ts'

const header = 'idempotency-key'
const maxKey = 255

/** An answer, and a hash of what was asked. */
export type Made = { readonly answer: Answer; readonly requestHash: string }
export type Repeatable = {
  /** The method and path. */
  readonly what: string
  /** Of this request, where an earlier one had an answer already. */
  readonly requestHash: () => Promise<string>
}

/**
 * Makes a call, or, where its `Idempotency-Key` had an answer, gives that. Answers of calls that did something are kept;
 * one that was refused did nothing, and is made anew.
 */
export async function once(asked: Asked, { what, requestHash }: Repeatable, call: () => Promise<Made>) {
  const key = asked.request.headers.get(header)
  if (key === null) return { answer: (await call()).answer, isRepeated: false }
  const claim = await claimCall(asked.deps, { ...(await callerOf(asked)), what, key: checked(key) })
  if (claim.state === 'answered') {
    ensureSameRequest(claim.requestHash, await requestHash())
    return { answer: claim.answer, isRepeated: true }
  }
  let made: Made
  try {
    made = await call()
  } catch (error) {
    await claim.release()
    throw error
  }
  await claim.keep(made.answer, made.requestHash)
  return { answer: made.answer, isRepeated: false }
}

function checked(key: string): string {
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key
  throw new AppError('bad-input', `An Idempotency-Key has 1 to ${maxKey} letters, digits and signs, e.g. a UUID`, {
    reason: 'idempotency-key',
  })
}

/** Whose call it is: keys and people have names for it that last. */
async function callerOf({ who }: Asked): Promise<{ tenantId: string; caller: string }> {
  const actor = await who.actor().catch(() => null)
  if (actor?.kind === 'key') return { tenantId: actor.tenantId, caller: `key ${actor.keyId}` }
  if (actor?.kind === 'person') return { tenantId: actor.tenantId, caller: `person ${actor.userId}` }
  const { userId } = await who.person()
  return { tenantId: '', caller: `person ${userId}` }
}
