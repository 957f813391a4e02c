import type { Scope } from '@marquee/shared/keys.ts'
import type { Role } from '@marquee/shared/tenants.ts'
import { AppError, notFound } from './errors.ts'

/** A signed-in person, looking at one tenant in which they have a role. */
export type Manager = {
  readonly kind: 'person'
  readonly userId: string
  readonly sessionId: string
  readonly name: string
  readonly operator: boolean
  readonly tenantId: string
  readonly role: Role
}
/** An agent or a script, by an API key of one tenant. */
export type KeyActor = {
  readonly kind: 'key'
  readonly keyId: string
  readonly name: string
  readonly tenantId: string
  readonly scopes: readonly Scope[]
  /** What an agent would destroy waits for a manager's approval. */
  readonly purpose: 'agent' | 'script'
}
/** A paired screen, by its device token. */
export type ScreenActor = {
  readonly kind: 'screen'
  readonly screenId: string
  readonly name: string
  readonly tenantId: string
}
/** The command line on the server's own machine, acting for one tenant. */
export type OperatorActor = { readonly kind: 'operator'; readonly name: string; readonly tenantId: string }
/** The server itself: sweeps and other jobs. */
export type SystemActor = { readonly kind: 'system'; readonly name: string; readonly tenantId: string }
/** Whoever acts in a tenant. The tenant comes from the credential, never from an input. */
export type Actor = Manager | KeyActor | ScreenActor | OperatorActor | SystemActor

/** What can be done, named by what is touched. Reading and writing ask apart. */
export const permissions = {
  'ads:read': { role: 'viewer', scope: 'ads:read' },
  'ads:write': { role: 'editor', scope: 'ads:write' },
  'screens:read': { role: 'viewer', scope: 'screens:read' },
  'screens:write': { role: 'editor', scope: 'screens:write' },
  'activity:read': { role: 'viewer', scope: 'activity:read' },
  'tenant:read': { role: 'viewer', scope: null },
  'tenant:write': { role: 'owner', scope: null },
  'members:read': { role: 'viewer', scope: null },
  'members:write': { role: 'owner', scope: null },
  'keys:read': { role: 'owner', scope: null },
  'keys:write': { role: 'owner', scope: null },
  'approvals:read': { role: 'viewer', scope: null },
  'approvals:decide': { role: 'editor', scope: null },
} as const satisfies Record<string, { role: Role; scope: Scope | null }>
export type Permission = keyof typeof permissions

declare const allowed: unique symbol
/** A thing that an actor was found to be allowed to change. Only `allow` makes one, so a forgotten check does not compile. */
export type Allowed<T> = T & { readonly [allowed]: true }

const rank: Record<Role, number> = { viewer: 0, editor: 1, owner: 2 }

export function can(actor: Actor, permission: Permission): boolean {
  const need = permissions[permission]
  switch (actor.kind) {
    case 'person':
      return rank[actor.role] >= rank[need.role]
    case 'key':
      return need.scope !== null && actor.scopes.includes(need.scope)
    case 'operator':
    case 'system':
      return true
    case 'screen':
      return false
  }
}

/** Throws `not-allowed` unless the actor may; for reads and for things that do not exist yet. */
export function ensureCan(actor: Actor, permission: Permission): void {
  if (can(actor, permission)) return
  const need = permissions[permission]
  const cure =
    actor.kind === 'key' && need.scope
      ? `Make a key with the scope "${need.scope}"`
      : `It needs the role "${need.role}"`
  throw new AppError('not-allowed', `You may not do this. ${cure}`, { detail: { permission, role: need.role } })
}

/** The one way to `Allowed`: the thing must be of the actor's tenant (else it "is not there"), and the actor must have the permission. */
export function allow<T extends { readonly tenantId: string; readonly id?: string }>(
  actor: Actor,
  permission: Permission,
  thing: T,
): Allowed<T> {
  if (thing.tenantId !== actor.tenantId) throw notFound(permission.split(':')[0] ?? 'thing', thing.id ?? '')
  ensureCan(actor, permission)
  return thing as Allowed<T>
}
