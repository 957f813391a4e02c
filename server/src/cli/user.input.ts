import { email, password, personName } from '@marquee/shared/accounts.ts'
import { role } from '@marquee/shared/tenants.ts'
import { z } from 'zod'

const newUser = z
  .object({
    email,
    name: personName,
    password: password.optional(),
    tenant: z.string().optional(),
    role: role.nullable(),
    operator: z.boolean(),
  })
  .refine(({ tenant, operator }) => tenant !== undefined || operator, 'Say which tenant with --tenant, or --operator')

export function parseNewUser(
  address: string,
  options: { tenant?: string; role: string; name?: string; password?: string; operator: boolean },
) {
  const name = options.name ?? address.split('@')[0]
  return newUser.parse({ ...options, email: address, name, role: options.tenant === undefined ? null : options.role })
}
