import { z } from 'zod'
import { parseBytes } from './lib/bytes.ts'
import type { Settings } from './lib/settings.ts'

const quota = z.coerce.number('Must be a whole number').int('Must be a whole number').min(0).max(1e9).optional()
const rate = (usual: number) =>
  z.coerce
    .number('Must be a number of requests per second, or 0 for no limit')
    .min(0, 'Must be 0 or more')
    .max(1e6, 'Must be 1000000 or less')
    .default(usual)

/** What new tenants may have, and how often anybody may come. */
export const limitSettings = {
  quotaBytes: {
    env: 'MARQUEE_QUOTA_BYTES',
    doc: 'Bytes of media that a new tenant may have, e.g. `10GB`. Empty: no limit. `marquee tenant quota` changes that of one tenant.',
    schema: z
      .string()
      .transform((text, context) => {
        const bytes = parseBytes(text)
        if (bytes === null) context.addIssue({ code: 'custom', message: 'Must be a size, e.g. 10GB' })
        return bytes ?? 0
      })
      .optional(),
  },
  quotaAds: { env: 'MARQUEE_QUOTA_ADS', doc: 'Ads that a new tenant may have. Empty: no limit.', schema: quota },
  quotaScreens: {
    env: 'MARQUEE_QUOTA_SCREENS',
    doc: 'Screens that a new tenant may have. Empty: no limit.',
    schema: quota,
  },
  quotaKeys: { env: 'MARQUEE_QUOTA_KEYS', doc: 'Keys that a new tenant may have. Empty: no limit.', schema: quota },
  rateAddress: {
    env: 'MARQUEE_RATE_LIMIT_ADDRESS',
    doc: 'Requests per second of one address to `/trpc`, `/api` and `/mcp`, and parts of uploads per second of one tenant, on average; two seconds of it may come at once. A shop with a hundred screens is one address. 0: no limit.',
    schema: rate(1000),
  },
  ratePerson: {
    env: 'MARQUEE_RATE_LIMIT_PERSON',
    doc: 'Calls per second of one person, in all their tabs, on average; two seconds of it may come at once. 0: no limit.',
    schema: rate(200),
  },
  rateKey: {
    env: 'MARQUEE_RATE_LIMIT_KEY',
    doc: 'Calls per second of one API key, on average; two seconds of it may come at once. 0: no limit.',
    schema: rate(300),
  },
  rateScreen: {
    env: 'MARQUEE_RATE_LIMIT_SCREEN',
    doc: 'Calls per second of one screen, on average; two seconds of it may come at once. 0: no limit.',
    schema: rate(20),
  },
} as const satisfies Settings
