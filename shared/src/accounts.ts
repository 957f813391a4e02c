import { z } from 'zod'
import { role, tenant } from './tenants.ts'
import { instant, line } from './wire.ts'

export const minPasswordLength = 10
/** Wrong passwords per account or address before a wait. */
export const maxAttempts = 5
export const attemptWindowMs = 15 * 60 * 1000

export const email = z
  .email()
  .max(200)
  .transform((value) => value.toLowerCase())
export const password = z.string().min(minPasswordLength).max(200)
export const personName = line(80).pipe(z.string().min(1))

export const signIn = z.object({ email, password: z.string().min(1).max(200) })
/** The link that the first start prints, or an invitation: `token` is the last part of its URL. */
export const token = z.string().min(20).max(200)
/** The very first owner: account, tenant and session in one step. */
export const setUp = z.object({
  token,
  name: personName,
  email,
  password,
  tenantName: line(80).pipe(z.string().min(1)),
  timeZone: z.string().max(60).default('UTC'),
})
export const invitationByToken = z.object({ token })
/** What an invited person sees before they accept. */
export const invitationOffer = z.object({
  tenantName: z.string(),
  role,
  email: z.string().nullable(),
  invitedBy: z.string(),
  expiresAt: instant,
})
/** A person who is signed in joins; else name, email and password make the account. */
export const acceptInvitation = z.object({
  token,
  name: personName.optional(),
  email: email.optional(),
  password: password.optional(),
})

/** Who is signed in, with the tenant that is looked at now. */
export const me = z.object({
  user: z.object({ id: z.string(), name: z.string(), email: z.string() }),
  operator: z.boolean(),
  tenant: tenant.nullable(),
  role: role.nullable(),
  tenants: z.array(z.object({ id: z.string(), name: z.string(), role })),
})
export type Me = z.infer<typeof me>
/** `fresh` while nobody has an account: the panel then asks for the set-up link. */
export const serverState = z.object({ fresh: z.boolean(), version: z.string() })

export const switchTenant = z.object({ tenantId: z.string().max(60) })
export const updateMe = z.object({ name: personName })
export const changePassword = z.object({ current: z.string().min(1).max(200), next: password })
export const session = z.object({
  id: z.string(),
  current: z.boolean(),
  address: z.string().nullable(),
  device: z.string().nullable(),
  createdAt: instant,
  lastSeenAt: instant,
})
export const sessionList = z.object({ items: z.array(session) })
export const endSession = z.object({ id: z.string().max(100) })
