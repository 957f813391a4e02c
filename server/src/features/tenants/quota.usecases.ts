import { type QuotaKind, quotaKinds, type setQuota as setInput, type Usage } from '@marquee/shared/tenants.ts'
import type { z } from 'zod'
import type { Actor } from '../../access.ts'
import type { Read, Tx } from '../../db/db.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import type { Person } from '../../trpc.ts'
import { recordActivity } from '../activity/activity.usecases.ts'
import { announce } from '../live/announce.usecases.ts'
import { countUsed, findQuota, holdTenant, type QuotaRow, saveQuota } from './quota.queries.ts'
import { getTenantRow } from './tenants.queries.ts'

const columns = {
  bytes: 'quotaBytes',
  ads: 'quotaAds',
  screens: 'quotaScreens',
  keys: 'quotaKeys',
} as const satisfies Record<QuotaKind, keyof QuotaRow>

const cures: Record<QuotaKind, string> = {
  bytes: 'Delete ads that are over, or ask the operator for more room',
  ads: 'Delete some first, or ask the operator for more',
  screens: 'Remove one that is not used any more, or ask the operator for more',
  keys: 'Revoke one that is not used any more, or ask the operator for more',
}

/** `more`: what the caller is about to add, 0 where it is counted already. */
type Wanted = { readonly kind: QuotaKind; readonly more: number }

/**
 * Throws `quota` unless the tenant may have that much more. Inside the transaction that adds it, before it does: of two
 * that would pass alone, the second one waits here for the first and then counts it.
 */
export async function ensureQuota(deps: Deps, tx: Tx, { tenantId, ...wanted }: Wanted & { tenantId: string }) {
  const limit = (await findQuota(tx, tenantId))?.[columns[wanted.kind]] ?? null
  // Most tenants have none, and nothing is counted then.
  if (limit === null) return
  await holdTenant(tx, tenantId)
  refuseAbove(await countUsed[wanted.kind](tx, tenantId, deps.clock.now()), limit, wanted)
}

/** The same as a look ahead, before work that would be in vain; what counts is `ensureQuota`. */
export async function ensureQuotaLikely(deps: Deps, { tenantId, ...wanted }: Wanted & { tenantId: string }) {
  const { read } = deps.db
  const limit = (await findQuota(read, tenantId))?.[columns[wanted.kind]] ?? null
  if (limit !== null) refuseAbove(await countUsed[wanted.kind](read, tenantId, deps.clock.now()), limit, wanted)
}

function refuseAbove(used: number, limit: number, { kind, more }: Wanted): void {
  if (used + more <= limit) return
  const message = `The limit of ${limit} ${kind} for this tenant is reached (${used} are used). ${cures[kind]}`
  throw new AppError('quota', message, { reason: `quota-${kind}`, detail: { what: kind, limit, used } })
}

/** What the actor's tenant uses of what it may have. */
export function getUsage(deps: Deps, actor: Actor): Promise<Usage> {
  return usageOf(deps, deps.db.read, actor.tenantId)
}

async function usageOf(deps: Deps, read: Read, tenantId: string): Promise<Usage> {
  const quota = await getTenantRow(read, tenantId)
  const now = deps.clock.now()
  const one = async (kind: QuotaKind) => ({
    used: await countUsed[kind](read, tenantId, now),
    limit: quota[columns[kind]],
  })
  return { bytes: await one('bytes'), ads: await one('ads'), screens: await one('screens'), keys: await one('keys') }
}

type Quota = z.output<typeof setInput>

/** By an operator in the panel. */
export function setQuotaBy(deps: Deps, person: Person, input: Quota): Promise<Usage> {
  return setQuota(deps, { kind: 'person', ...person, tenantId: input.id, role: 'owner' }, input)
}

/** Limits what a tenant may have. What it has already stays, and more is refused. `actor` acts for that tenant. */
export async function setQuota(deps: Deps, actor: Actor, input: Quota): Promise<Usage> {
  return deps.db.write(async (tx) => {
    const tenant = await getTenantRow(tx, input.id)
    const given = quotaKinds.filter((kind) => input[kind] !== undefined)
    const change = Object.fromEntries(given.map((kind) => [columns[kind], input[kind]]))
    if (given.length === 0) return usageOf(deps, tx, input.id)
    await saveQuota(tx, input.id, change)
    const subject = { kind: 'tenant', id: tenant.id, name: tenant.name } as const
    await recordActivity(deps, actor, { tx, action: 'tenant.update', subject, detail: change })
    const usage = await usageOf(deps, tx, input.id)
    await announce(deps, { tx, tenantId: tenant.id, kind: 'tenant.changed', subjectId: tenant.id, forScreens: false })
    return usage
  })
}

/** What new tenants may have, by the settings. */
export function firstQuota({ config }: Deps): QuotaRow {
  const { quotaBytes, quotaAds, quotaScreens, quotaKeys } = config.limits
  return {
    quotaBytes: quotaBytes ?? null,
    quotaAds: quotaAds ?? null,
    quotaScreens: quotaScreens ?? null,
    quotaKeys: quotaKeys ?? null,
  }
}
