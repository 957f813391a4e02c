import { z } from 'zod'
import { ConfigError } from '../config.ts'
import { toAppError } from '../errors.ts'

/** A command that can't be done as it was given, with what to do. */
export class UsageError extends Error {}

/** A failure as a sentence and an exit code. */
export function explain(error: unknown): { text: string; code: number } {
  if (error instanceof ConfigError) return { text: error.message, code: 78 }
  if (error instanceof z.core.$ZodError) return { text: sentence(error), code: 2 }
  if (error instanceof UsageError) return { text: error.message, code: 2 }
  const known = toAppError(error)
  if (known.code !== 'internal') return { text: known.message, code: 1 }
  return { text: error instanceof Error ? (error.stack ?? error.message) : String(error), code: 1 }
}

function sentence(error: z.core.$ZodError): string {
  return error.issues
    .map(({ path, message }) => (path.length > 0 ? `"${path.map(String).join('.')}": ${message}` : message))
    .join('; ')
}
