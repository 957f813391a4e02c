import { z } from 'zod'
import { id, instant, line } from './wire.ts'

export const scopes = ['ads:read', 'ads:write', 'screens:read', 'screens:write', 'activity:read'] as const
export const scope = z.enum(scopes)
export type Scope = z.infer<typeof scope>

/** Every key starts so, which lets secret scanners find one that leaked. */
export const keyPrefix = 'mq_'

export const key = z.object({
  id,
  name: z.string(),
  /** Its first letters, to recognise it by. The rest is stored as a hash. */
  prefix: z.string(),
  scopes: z.array(scope),
  purpose: z.enum(['agent', 'script']),
  createdAt: instant,
  createdBy: z.string(),
  lastUsedAt: instant.nullable(),
  expiresAt: instant.nullable(),
})
export type Key = z.infer<typeof key>
export const keyList = z.object({ items: z.array(key) })
export const createKey = z.object({
  name: line(80).pipe(z.string().min(1)),
  scopes: z.array(scope).min(1),
  purpose: z.enum(['agent', 'script']).default('agent'),
  expiresAt: instant.nullish(),
})
/** `secret` is shown this once. */
export const createdKey = z.object({ key, secret: z.string() })
