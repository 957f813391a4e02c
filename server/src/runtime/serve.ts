import process from 'node:process'
import { ConfigError } from '../config.ts'
import { DbError } from '../db/db.ts'
import { openLog } from './log.ts'
import { greeting, type Listen, type StartOptions, start } from './start.ts'

/** Exit codes: EX_CONFIG of sysexits.h for settings, 1 for everything else that keeps it from starting. */
const exitConfig = 78
/** Who asks for the end waits no longer than this, whatever hangs. */
const stopLimitMs = 9_500

/** Runs the server until it is asked to stop, then exits. Everything that a person must act on is one sentence on stderr. */
export async function serve(listen: Listen, places: StartOptions['places']): Promise<void> {
  const log = openLog(process.env.MARQUEE_LOG_LEVEL)
  try {
    const running = await start({ env: process.env, log, listen, places })
    // In one write: what reads along never sees half of it.
    console.log((await greeting(running)).join('\n'))
    let stopping = false
    const end = (code: number, text: string) => {
      log.info({ code }, text)
      log.flush()
      process.exit(code)
    }
    const stop = async (signal: string) => {
      if (stopping) return
      stopping = true
      log.info({ signal }, 'Stopping')
      const late = setTimeout(() => end(1, 'Something did not stop in time; it ends anyway'), stopLimitMs)
      await running.stop()
      clearTimeout(late)
      end(0, 'Stopped')
    }
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(signal))
  } catch (error) {
    const { text, code } = explain(error)
    console.error(text)
    process.exit(code)
  }
}

/** A start that failed, as a sentence that says what to do. */
export function explain(error: unknown): { text: string; code: number } {
  if (error instanceof ConfigError) return { text: error.message, code: exitConfig }
  if (error instanceof DbError) return { text: error.message, code: 1 }
  // Deno's own name for a taken port.
  if (error instanceof Error && error.name === 'AddrInUse')
    return { text: 'The port is taken. Stop the other program, or set MARQUEE_PORT to a free one', code: 1 }
  if (error instanceof Error && 'code' in error) {
    const port = 'port' in error ? String(error.port) : ''
    if (error.code === 'EADDRINUSE')
      return { text: `Port ${port} is taken. Stop the other program, or set MARQUEE_PORT to a free one`, code: 1 }
    if (error.code === 'EACCES')
      return { text: `Port ${port} needs more rights than this user has. Set MARQUEE_PORT above 1023`, code: 1 }
    if (error.code === 'EADDRNOTAVAIL')
      return { text: 'This machine does not have that address. Check MARQUEE_HOST', code: exitConfig }
  }
  return { text: error instanceof Error ? (error.stack ?? error.message) : String(error), code: 1 }
}
