import { type DestinationStream, destination, pino, stdSerializers } from 'pino'
import type { Log } from '../deps.ts'

const levels = ['debug', 'info', 'warn', 'error', 'silent']
/** Lines wait at most this long to be written together. */
const flushMs = 200

export type OpenLog = Log & { flush(): void }

/**
 * Lines of JSON on standard output. What is named like a secret is left out wherever it stands, and what a database said of
 * a query loses its parameters, which may be anything.
 */
export function openLog(level: string | undefined, to: DestinationStream = standardOutput()): OpenLog {
  const logger = pino(
    {
      level: level && levels.includes(level) ? level : 'info',
      redact: { paths: secretPaths(), censor: '[hidden]' },
      serializers: { err: withoutParameters },
    },
    to,
  )
  const line =
    (name: 'debug' | 'info' | 'warn' | 'error') =>
    (facts: object, text: string): void =>
      logger[name](facts, text)
  const flush = () => {
    try {
      if ('flushSync' in to && typeof to.flushSync === 'function') to.flushSync()
    } catch {
      // Standard output is not open yet, or not any more; what is held goes out by itself then, or nobody reads it.
    }
  }
  return {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error(facts, text) {
      logger.error(facts, text)
      // What ends the process may follow.
      flush()
    },
    flush,
  }
}

function standardOutput() {
  return destination({ dest: 1, sync: false, minLength: 4096, periodicFlush: flushMs })
}

function secretPaths(): string[] {
  const names = ['token', 'password', 'secret', 'authorization', 'cookie', 'url', 'key']
  return [...names, ...names.flatMap((name) => [`*.${name}`, `*.*.${name}`]), 'req.headers.authorization']
}

function withoutParameters(given: unknown): unknown {
  if (!(given instanceof Error)) return given
  const { type, message, stack, ...rest } = stdSerializers.err(given)
  const code = 'code' in rest ? { code: rest.code } : {}
  return { type, message: cut(message), stack: cut(stack), ...code }
}

/** drizzle writes the values of a failed query behind its text. */
function cut(text: string): string {
  return text
    .replaceAll(/(^|\n)\s*params: .*/gi, '$1params: [hidden]')
    .replaceAll(/([?&](s|sig|token)=)[^\s&"']+/g, '$1[hidden]')
}
