import { z } from 'zod'
import type { Settings } from './lib/settings.ts'

const port = z.coerce
  .number('Must be a number from 0 to 65535')
  .int()
  .min(0, 'Must be 0 to 65535')
  .max(65535, 'Must be 0 to 65535')
const url = z.url({ protocol: /^https?$/, error: 'Must be a URL that starts with http:// or https://' })

/** Where the server listens and keeps its things. */
export const serverSettings = {
  host: {
    env: 'MARQUEE_HOST',
    doc: 'Address to listen on. `0.0.0.0` lets screens of the network in.',
    schema: z.string().default('127.0.0.1'),
  },
  port: { env: 'MARQUEE_PORT', doc: 'Port to listen on.', schema: port.default(12393) },
  dataDir: {
    env: 'MARQUEE_DATA_DIR',
    doc: 'Folder of the database, media and secret. Back this up.',
    schema: z.string().min(1).default('./data'),
  },
  publicUrl: {
    env: 'MARQUEE_PUBLIC_URL',
    doc: 'Address under which people and screens reach the server, if it differs from host and port (reverse proxy, domain).',
    schema: url.transform((value) => value.replace(/\/+$/, '')).optional(),
  },
  origins: {
    env: 'MARQUEE_ORIGINS',
    doc: 'More origins, separated by commas, whose pages may use this server (a panel or player served from elsewhere).',
    schema: z
      .string()
      .default('')
      .transform((value) =>
        value
          .split(',')
          .map((one) => one.trim())
          .filter(Boolean),
      )
      .pipe(z.array(url.transform((value) => new URL(value).origin))),
  },
  trustProxy: {
    env: 'MARQUEE_TRUST_PROXY',
    doc: 'Number of reverse proxies in front whose `X-Forwarded-For` is believed.',
    schema: z.coerce.number('Must be a whole number').int().min(0).max(10).default(0),
  },
  secret: {
    env: 'MARQUEE_SECRET',
    doc: 'Secret that signs cookies and media URLs, 32 characters or more. Made and kept in the data folder if empty; set it when several servers run.',
    secret: true,
    schema: z.string().min(32, 'Must have 32 characters or more').optional(),
  },
  key: {
    env: 'MARQUEE_KEY',
    doc: 'API key that `marquee mcp` acts with. The server itself does not need it.',
    secret: true,
    schema: z.string().min(1).optional(),
  },
  url: {
    env: 'MARQUEE_URL',
    doc: 'Address of the server that scripts such as `examples/upload.ts` call. The server itself does not need it.',
    schema: z.string().optional(),
  },
  logLevel: {
    env: 'MARQUEE_LOG_LEVEL',
    doc: 'Least level of log lines.',
    schema: z
      .enum(['debug', 'info', 'warn', 'error', 'silent'], 'Must be debug, info, warn, error or silent')
      .default('info'),
  },
  metricsToken: {
    env: 'MARQUEE_METRICS_TOKEN',
    doc: 'Token that opens `/metrics` to Prometheus on another machine, or behind a proxy, as `Authorization: Bearer …`; 16 characters or more. Empty: only programs of this machine may ask.',
    secret: true,
    schema: z.string().min(16, 'Must have 16 characters or more').optional(),
  },
  databaseUrl: {
    env: 'DATABASE_URL',
    doc: 'A Postgres URL. Empty: a SQLite file in the data folder.',
    secret: true,
    schema: z
      .url({ protocol: /^postgres(ql)?$/, error: 'Must be empty or a URL that starts with postgres://' })
      .or(z.literal(''))
      .default(''),
  },
} as const satisfies Settings
