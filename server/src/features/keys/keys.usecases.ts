import { type createKey as createInput, type Key, keyPrefix } from '@marquee/shared/keys.ts'
import type { z } from 'zod'
import { type Actor, allow, ensureCan, type KeyActor } from '../../access.ts'
import type { Deps } from '../../deps.ts'
import { AppError, notFound } from '../../errors.ts'
import { newId } from '../../lib/id.ts'
import { hashToken, newToken } from '../../lib/secret.ts'
import { accessChanged, cachedCredentials } from '../accounts/credentials.usecases.ts'
import { recordActivity } from '../activity/activity.usecases.ts'
import { announce } from '../live/announce.usecases.ts'
import { ensureQuota } from '../tenants/quota.usecases.ts'
import { addKey, findKey, findKeyByHash, findKeys, type KeyRow, setLastUsed, setRevoked } from './keys.queries.ts'

const shownLetters = keyPrefix.length + 6
const noteUseAfterMs = 60_000
const keyActors = cachedCredentials<{ readonly actor: KeyActor; readonly expiresAt: Date | null }>()

/** Whom an API key names, unless it is unknown, revoked or over. */
export async function findKeyActor(deps: Deps, bearer: string): Promise<KeyActor | null> {
  if (!bearer.startsWith(keyPrefix)) return null
  const tokenHash = hashToken(bearer)
  const found = await keyActors(deps).find(tokenHash, async () => {
    const row = await findKeyByHash(deps.db.read, tokenHash)
    if (!row || row.revokedAt) return null
    if (!isOver(deps, row.expiresAt)) noteUse(deps, row)
    const { id: keyId, name, tenantId, scopes, purpose } = row
    const actor: KeyActor = { kind: 'key', keyId, name, tenantId, scopes, purpose }
    return { value: { actor, expiresAt: row.expiresAt }, subjects: [row.id] }
  })
  return found && !isOver(deps, found.expiresAt) ? found.actor : null
}

export async function listKeys(deps: Deps, actor: Actor): Promise<{ items: Key[] }> {
  return { items: (await findKeys(deps.db.read, actor.tenantId)).map(toKey) }
}

/** Makes a key. The answer has its secret, which nobody can read again: only a hash is stored. */
export async function createKey(
  deps: Deps,
  actor: Actor,
  input: z.output<typeof createInput>,
): Promise<{ key: Key; secret: string }> {
  ensureCan(actor, 'keys:write')
  const secret = `${keyPrefix}${newToken()}`
  const row: KeyRow = {
    id: newId(),
    tenantId: actor.tenantId,
    name: input.name,
    prefix: secret.slice(0, shownLetters),
    tokenHash: hashToken(secret),
    scopes: [...new Set(input.scopes)],
    purpose: input.purpose,
    createdBy: actor.name,
    createdAt: deps.clock.now(),
    lastUsedAt: null,
    expiresAt: input.expiresAt ? new Date(input.expiresAt) : null,
    revokedAt: null,
  }
  if (isOver(deps, row.expiresAt))
    throw new AppError('bad-input', 'The key would be over already. Choose a later time', {
      detail: { field: 'expiresAt' },
    })
  await deps.db.write(async (tx) => {
    await ensureQuota(deps, tx, { tenantId: actor.tenantId, kind: 'keys', more: 1 })
    await addKey(tx, row)
    await recordActivity(deps, actor, {
      tx,
      action: 'key.create',
      subject: subjectOf(row),
      detail: { scopes: row.scopes, purpose: row.purpose },
    })
    await announce(deps, { tx, tenantId: actor.tenantId, kind: 'keys.changed', subjectId: row.id, forScreens: false })
  })
  return { key: toKey(row), secret }
}

export async function revokeKey(deps: Deps, actor: Actor, { id }: { id: string }): Promise<{ id: string }> {
  await deps.db.write(async (tx) => {
    const row = await findKey(tx, id)
    if (!row || row.revokedAt || row.tenantId !== actor.tenantId) throw notFound('key', id)
    const key = allow(actor, 'keys:write', row)
    await setRevoked(tx, key, deps.clock.now())
    await recordActivity(deps, actor, { tx, action: 'key.revoke', subject: subjectOf(row) })
    await announce(deps, { tx, tenantId: actor.tenantId, kind: 'keys.changed', subjectId: id, forScreens: false })
    await announce(deps, { tx, tenantId: actor.tenantId, kind: 'access.changed', subjectId: id, forScreens: false })
  })
  await accessChanged(deps)
  return { id }
}

/** The tenant of a key, for the command line, which is told ids only. */
export async function getKeyTenant(deps: Deps, id: string): Promise<string> {
  const row = await findKey(deps.db.read, id)
  if (!row) throw notFound('key', id)
  return row.tenantId
}

function noteUse(deps: Deps, { id, lastUsedAt }: KeyRow): void {
  const now = deps.clock.now()
  if (lastUsedAt && Math.abs(now.getTime() - lastUsedAt.getTime()) < noteUseAfterMs) return
  // Nobody waits for it: a full disk or a locked database must not refuse the key.
  deps.db
    .write((tx) => setLastUsed(tx, id, now))
    .catch((err: unknown) => deps.log.warn({ err }, 'The use of a key was not noted'))
}

function isOver(deps: Deps, expiresAt: Date | null): boolean {
  return expiresAt !== null && expiresAt <= deps.clock.now()
}

function subjectOf({ id, name }: KeyRow) {
  return { kind: 'key' as const, id, name }
}

function toKey({ id, name, prefix, scopes, purpose, createdAt, createdBy, lastUsedAt, expiresAt }: KeyRow): Key {
  return {
    id,
    name,
    prefix,
    scopes,
    purpose,
    createdAt: createdAt.toISOString(),
    createdBy,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    expiresAt: expiresAt?.toISOString() ?? null,
  }
}
