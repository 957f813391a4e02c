import type { confirmPairing as confirmInput, pairingState, Screen, startedPairing } from '@marquee/shared/screens.ts'
import {
  maxPairingsPerAddress,
  type PairingRefusal,
  pairingAlphabet,
  pairingCodeLength,
  pairingLifetimeMs,
} from '@marquee/shared/screens.ts'
import type { z } from 'zod'
import { type Actor, ensureCan } from '../../access.ts'
import type { ScreenRow } from '../../db/rows.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import type { Events } from '../../events/events.ts'
import { isSecure } from '../../lib/base-url.ts'
import { makeBell } from '../../lib/bell.ts'
import { BoundedMap } from '../../lib/bounded-map.ts'
import { makeCookie, readCookie } from '../../lib/cookies.ts'
import { newId } from '../../lib/id.ts'
import { onePer } from '../../lib/one-per.ts'
import { hashToken, newToken } from '../../lib/secret.ts'
import { shareableUrl } from '../../lib/shareable.ts'
import type { RequestFacts } from '../../trpc.ts'
import { giveBackAttempt, takeAttempts } from '../accounts/attempts.usecases.ts'
import { actorId, recordActivity } from '../activity/activity.usecases.ts'
import { announce, throwIfStopping } from '../live/announce.usecases.ts'
import { ensureQuota, ensureQuotaLikely } from '../tenants/quota.usecases.ts'
import {
  addPairing,
  findPairing,
  findPairingBySecret,
  type PairingRow,
  removePairings,
  usePairing,
} from './pairing.queries.ts'
import { addScreen, findScreen } from './screens.queries.ts'
import { deviceCookie, toScreen } from './screens.usecases.ts'

const pairingCookie = 'marquee_pairing'
/** How long a screen may collect its token after its code ended, e.g. since it was confirmed in the last second. */
const collectGraceMs = 60 * 60 * 1000

type State = z.output<typeof pairingState>['state']

const starts = onePer((_events: Events) => new BoundedMap<string, { since: number; count: number }>(10_000))

/** Gives a screen its code; the same one as long as it is good, so that a reload of the page does not change it. */
export async function startPairing(
  deps: Deps,
  request: RequestFacts,
): Promise<z.output<typeof startedPairing> & { cookie: string }> {
  const known = readSecret(request.headers)
  const running = known === null ? null : await findPairingBySecret(deps.db.read, hashToken(known))
  const now = deps.clock.now()
  if (known !== null && running && running.usedAt === null && running.expiresAt > now)
    return started(deps, running, known)
  countStart(deps, request.address)
  // A new secret each time: what an old code was confirmed for can't be collected with the new one.
  const secret = newToken()
  return started(deps, await addNewPairing(deps, hashToken(secret)), secret)
}

async function addNewPairing(deps: Deps, secretHash: string): Promise<PairingRow> {
  for (let tries = 0; tries < 5; tries++) {
    const createdAt = deps.clock.now()
    const expiresAt = new Date(createdAt.getTime() + pairingLifetimeMs)
    const row = { code: newCode(), secretHash, screenId: null, expiresAt, usedAt: null, createdAt }
    if (await deps.db.write((tx) => addPairing(tx, row))) return row
  }
  throw new AppError('busy', 'No free pairing code was found. Try again')
}

function newCode(): string {
  // 32 letters, so the low five bits of a random byte choose evenly.
  const bytes = crypto.getRandomValues(new Uint8Array(pairingCodeLength))
  return Array.from(bytes, (byte) => pairingAlphabet.charAt(byte % pairingAlphabet.length)).join('')
}

function started(deps: Deps, row: PairingRow, secret: string) {
  const maxAge = (pairingLifetimeMs + collectGraceMs) / 1000
  return {
    code: row.code,
    confirmUrl: `${shareableUrl(deps)}/pair?code=${row.code}`,
    expiresAt: row.expiresAt.toISOString(),
    cookie: makeCookie(pairingCookie, secret, { maxAge, secure: isSecure(deps) }),
  }
}

function countStart(deps: Deps, address: string): void {
  const byAddress = starts(deps.events)
  const now = deps.clock.now().getTime()
  const before = byAddress.get(address)
  const window = before && now - before.since < pairingLifetimeMs ? before : { since: now, count: 0 }
  if (window.count >= maxPairingsPerAddress) {
    const retryAfter = Math.ceil((window.since + pairingLifetimeMs - now) / 1000)
    throw new AppError('too-many-attempts', `Too many pairing codes for one address. Try again in ${retryAfter} s`, {
      detail: { retryAfter },
    })
  }
  byAddress.set(address, { since: window.since, count: window.count + 1 })
}

type Confirm = z.output<typeof confirmInput> & { readonly address: string }

/** Makes the screen that shows this code one of the actor's tenant. */
export async function confirmPairing(deps: Deps, actor: Actor, input: Confirm): Promise<Screen> {
  ensureCan(actor, 'screens:write')
  const subjects = [`pairing:${actor.kind}:${actorId(actor) ?? actor.tenantId}`, `pairing:address:${input.address}`]
  // Before the try is counted: who may have no more screens has guessed nothing.
  await ensureQuotaLikely(deps, { tenantId: actor.tenantId, kind: 'screens', more: 1 })
  await takeAttempts(deps, subjects)
  const screen = await pairScreen(deps, actor, { ...input, subjects })
  if (!screen) throw await refusal(deps, input.code)
  return toScreen(deps, screen)
}

/** Null where the code can't be used. */
function pairScreen(
  deps: Deps,
  actor: Actor,
  input: Confirm & { subjects: readonly string[] },
): Promise<ScreenRow | null> {
  return deps.db.write(async (tx) => {
    const { code, name, orientation } = input
    await ensureQuota(deps, tx, { tenantId: actor.tenantId, kind: 'screens', more: 1 })
    const screenId = newId()
    const pairing = await usePairing(tx, { code, screenId, now: deps.clock.now() })
    if (!pairing) return null
    // Only this try: who has a screen of their own would else win back wrong guesses with it.
    for (const subject of input.subjects) await giveBackAttempt(tx, subject)
    const row = newScreen(deps, {
      id: screenId,
      tenantId: actor.tenantId,
      name,
      orientation,
      secretHash: pairing.secretHash,
    })
    await addScreen(tx, row)
    await recordActivity(deps, actor, {
      tx,
      action: 'screen.pair',
      subject: { kind: 'screen', id: screenId, name },
      detail: { orientation },
    })
    await announce(deps, {
      tx,
      tenantId: actor.tenantId,
      kind: 'screens.changed',
      subjectId: screenId,
      forScreens: false,
    })
    return row
  })
}

type NewScreen = Pick<ScreenRow, 'id' | 'tenantId' | 'name' | 'orientation'> & { readonly secretHash: string }

function newScreen(deps: Deps, { secretHash, ...given }: NewScreen): ScreenRow {
  const nothingSaid = {
    revision: 0,
    adId: null,
    problem: null,
    width: null,
    height: null,
    playerVersion: null,
    lastSeenAt: null,
    playNow: null,
  }
  const tokenHash = hashToken(tokenOf(deps, secretHash, given.id))
  return { ...given, ...nothingSaid, muted: false, shuffle: false, tokenHash, createdAt: deps.clock.now() }
}

async function refusal(deps: Deps, code: string): Promise<AppError> {
  const row = await findPairing(deps.db.read, code)
  const reason: PairingRefusal = !row ? 'code-unknown' : row.usedAt ? 'code-used' : 'code-expired'
  const why = {
    'code-unknown': 'No screen shows',
    'code-expired': 'Too much time went by since a screen showed',
    'code-used': 'A screen was paired before with',
  }
  return new AppError('not-found', `${why[reason]} the code "${code}". Type the code that the screen shows now`, {
    reason,
    detail: { what: 'pairing' },
  })
}

/**
 * Nobody has this token but the holder of the pairing cookie: it is made when it is collected, and only its hash is
 * kept. The same each time, so an answer that was lost can be asked for again.
 */
function tokenOf(deps: Deps, secretHash: string, screenId: string): string {
  return deps.secret.sign('screen-token', `${secretHash}:${screenId}`)
}

/** What became of the pairing of this screen; once it is confirmed, the cookies that make it a paired one. */
export async function collectPairing(deps: Deps, request: RequestFacts): Promise<{ state: State; cookies: string[] }> {
  const { state, row } = await findState(deps, request.headers)
  if (state === 'waiting') return { state, cookies: [] }
  const secure = isSecure(deps)
  const forget = makeCookie(pairingCookie, '', { maxAge: 0, secure })
  if (!row?.screenId || state === 'expired') return { state: 'expired', cookies: [forget] }
  return { state, cookies: [deviceCookie(deps, tokenOf(deps, row.secretHash, row.screenId)), forget] }
}

async function findState(deps: Deps, headers: Headers): Promise<{ state: State; row: PairingRow | null }> {
  const secret = readSecret(headers)
  const row = secret === null ? null : await findPairingBySecret(deps.db.read, hashToken(secret))
  if (!row) return { state: 'expired', row }
  if (row.screenId !== null)
    return { state: (await findScreen(deps.db.read, row.screenId)) ? 'paired' : 'expired', row }
  return { state: row.expiresAt > deps.clock.now() ? 'waiting' : 'expired', row }
}

type Watch = { readonly signal?: AbortSignal | undefined }

/** Says how the pairing stands, and when that changes; ends with `paired` or `expired`. */
export async function* watchPairing(
  deps: Deps,
  request: RequestFacts,
  { signal }: Watch,
): AsyncGenerator<[string, { state: State }]> {
  const bell = makeBell(signal, deps.events.closed)
  const stop = deps.events.listen((event) => {
    if (event.kind === 'screens.changed') bell.ring()
  })
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    for (let last: State | null = null; !bell.isOver(); await bell.next()) {
      const { state, row } = await findState(deps, request.headers)
      if (state !== last) yield [state, { state }]
      if (state !== 'waiting') return
      last = state
      if (row) timer ??= setTimeout(bell.ring, row.expiresAt.getTime() - deps.clock.now().getTime() + 1)
    }
    throwIfStopping(deps)
  } finally {
    clearTimeout(timer)
    stop()
    bell.stop()
  }
}

/** Removes pairings that nobody can use or collect any more. */
export function sweepPairings(deps: Deps): Promise<number> {
  return deps.db.write((tx) => removePairings(tx, new Date(deps.clock.now().getTime() - collectGraceMs)))
}

function readSecret(headers: Headers): string | null {
  const secret = readCookie(headers, pairingCookie)
  return secret && secret.length <= 200 ? secret : null
}
