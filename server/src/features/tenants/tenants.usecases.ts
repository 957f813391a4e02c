import type { createTenant as createInput, Tenant, updateTenant as updateInput } from '@marquee/shared/tenants.ts'
import type { z } from 'zod'
import { type Actor, allow, type Manager } from '../../access.ts'
import type { Tx } from '../../db/db.ts'
import type { TenantRow } from '../../db/rows.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import type { Person } from '../../trpc.ts'
import { recordActivity } from '../activity/activity.usecases.ts'
import { announce } from '../live/announce.usecases.ts'
import { joinTenant } from './memberships.usecases.ts'
import { firstQuota } from './quota.usecases.ts'
import {
  addTenant,
  findTenant,
  getTenantRow,
  listTenantRows,
  type TenantChange,
  updateTenantRow,
} from './tenants.queries.ts'

export type NewTenant = z.output<typeof createInput>

export async function getTenant(deps: Deps, actor: Actor): Promise<Tenant> {
  return toTenant(await getTenantRow(deps.db.read, actor.tenantId))
}

export async function updateTenant(deps: Deps, actor: Actor, input: z.output<typeof updateInput>): Promise<Tenant> {
  return deps.db.write(async (tx) => {
    const row = await getTenantRow(tx, actor.tenantId)
    const tenant = allow(actor, 'tenant:write', { tenantId: row.id, id: row.id })
    const change = changesOf(row, input)
    if (Object.keys(change).length === 0) return toTenant(row)
    const changed = await updateTenantRow(tx, tenant, change)
    await recordActivity(deps, actor, {
      tx,
      action: 'tenant.update',
      subject: { kind: 'tenant', id: row.id, name: changed.name },
      detail: change,
    })
    // The zone moves the validity of ads, the duration the turns of pictures; the name is on no screen.
    const forScreens = change.timeZone !== undefined || change.pictureDurationMs !== undefined
    await announce(deps, { tx, tenantId: row.id, kind: 'tenant.changed', subjectId: row.id, forScreens })
    return toTenant(changed)
  })
}

export async function listTenants(deps: Deps): Promise<{ items: Tenant[] }> {
  return { items: (await listTenantRows(deps.db.read)).map(toTenant) }
}

/** By an operator in the panel, who becomes its first owner and can invite others. */
export async function createTenantBy(deps: Deps, person: Person, input: NewTenant): Promise<Tenant> {
  const actor: Manager = { kind: 'person', ...person, tenantId: input.id, role: 'owner' }
  return deps.db.write(async (tx) => {
    const tenant = await addNewTenant(deps, actor, { tx, input })
    await joinTenant(deps, actor, { tx, userId: person.userId, name: person.name, role: 'owner' })
    return tenant
  })
}

/** By the command line. */
export async function createTenant(deps: Deps, actor: Actor, input: NewTenant): Promise<Tenant> {
  return deps.db.write((tx) => addNewTenant(deps, actor, { tx, input }))
}

/** The part of making a tenant that fits into another transaction. `actor` acts for the new tenant. */
export async function addNewTenant(
  deps: Deps,
  actor: Actor,
  { tx, input }: { tx: Tx; input: NewTenant },
): Promise<Tenant> {
  if (await findTenant(tx, input.id)) throw tenantExists(input.id)
  const row = await addTenant(tx, { ...input, ...firstQuota(deps), createdAt: deps.clock.now() })
  await recordActivity(deps, actor, {
    tx,
    action: 'tenant.create',
    subject: { kind: 'tenant', id: row.id, name: row.name },
  })
  return toTenant(row)
}

/** An id that is free, made of the name where it has letters of ASCII. */
export async function freeTenantId(tx: Tx, name: string): Promise<string> {
  const base = name
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 40)
  for (let n = 0; ; n++) {
    const counted = `client_${String(n + 1).padStart(3, '0')}`
    const id = base.length < 2 ? counted : n === 0 ? base : `${base}_${n + 1}`
    if (!(await findTenant(tx, id))) return id
  }
}

export function toTenant({ id, name, timeZone, pictureDurationMs, createdAt }: TenantRow): Tenant {
  return { id, name, timeZone, pictureDurationMs, createdAt: createdAt.toISOString() }
}

function changesOf(row: TenantRow, { name, timeZone, pictureDurationMs }: z.output<typeof updateInput>): TenantChange {
  return {
    ...(name !== undefined && name !== row.name && { name }),
    ...(timeZone !== undefined && timeZone !== row.timeZone && { timeZone }),
    ...(pictureDurationMs !== undefined && pictureDurationMs !== row.pictureDurationMs && { pictureDurationMs }),
  }
}

function tenantExists(id: string): AppError {
  return new AppError('conflict', `There is a tenant "${id}" already. Choose another id`, {
    reason: 'tenant-exists',
    detail: { id },
  })
}
