import { z } from 'zod'
import { maxDurationMs, minDurationMs } from './ads.ts'
import { id, instant, line } from './wire.ts'

/** A tenant's id: chosen once, part of every storage key, never changed. */
export const tenantId = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9_-]{1,49}$/,
    'A tenant id has 2 to 50 of a-z, 0-9, _ and -, and starts with a letter or digit',
  )

/** owner: everything. editor: ads and screens. viewer: looks. */
export const roles = ['owner', 'editor', 'viewer'] as const
export const role = z.enum(roles)
export type Role = z.infer<typeof role>

/** An IANA name, e.g. `Asia/Shanghai`. */
export const timeZone = z.string().max(60).refine(isTimeZone, 'Not a time zone of the IANA list, e.g. "Asia/Shanghai"')
export const tenantName = line(80).pipe(z.string().min(1))

export const tenant = z.object({
  id: z.string(),
  name: z.string(),
  timeZone: z.string(),
  /** How long pictures stay where the ad says nothing. */
  pictureDurationMs: z.int(),
  createdAt: instant,
})
export type Tenant = z.infer<typeof tenant>
export const createTenant = z.object({ id: tenantId, name: tenantName, timeZone: timeZone.default('UTC') })
export const updateTenant = z.object({
  name: tenantName.optional(),
  timeZone: timeZone.optional(),
  pictureDurationMs: z.int().min(minDurationMs).max(maxDurationMs).optional(),
})
/** What an operator can limit for a tenant. */
export const quotaKinds = ['bytes', 'ads', 'screens', 'keys'] as const
export type QuotaKind = (typeof quotaKinds)[number]
const used = z.object({ used: z.int().min(0), limit: z.int().min(0).nullable() })
/** What a tenant has of each, and may have at most; null is no limit. */
export const usage = z.object({ bytes: used, ads: used, screens: used, keys: used })
export type Usage = z.infer<typeof usage>
const limit = z.int().min(0).nullable().optional()
/** What is left out stays as it is; null takes a limit away. */
export const setQuota = z.object({ id: tenantId, bytes: limit, ads: limit, screens: limit, keys: limit })

export const tenantList = z.object({ items: z.array(tenant) })

export const member = z.object({
  userId: z.string(),
  name: z.string(),
  email: z.string(),
  role,
  createdAt: instant,
  lastSeenAt: instant.nullable(),
})
export type Member = z.infer<typeof member>
export const memberList = z.object({ items: z.array(member) })
export const setRole = z.object({ userId: z.string().max(100), role })
export const removeMember = z.object({ userId: z.string().max(100) })

export const invitationLifetimeMs = 7 * 24 * 60 * 60 * 1000
export const createInvitation = z.object({ email: z.email().max(200).optional(), role })
export const invitation = z.object({
  id,
  email: z.string().nullable(),
  role,
  expiresAt: instant,
  createdBy: z.string(),
  createdAt: instant,
})
export const invitationList = z.object({ items: z.array(invitation) })
/** `url` is shown once, to copy: the server keeps only a hash of it. */
export const createdInvitation = z.object({ invitation, url: z.url() })

function isTimeZone(value: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: value })
    return true
  } catch {
    return false
  }
}
