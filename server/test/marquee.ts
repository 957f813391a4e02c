import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

const program = join(import.meta.dirname, '../src/cli/marquee.ts')

export type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string }
/** An application of the tests is one; `uid` runs the command as another user. */
export type Place = { readonly env: Record<string, string>; readonly uid?: number }

/** Runs the real command line in a process of its own, in a pipe. */
export async function marquee(place: Place, args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(MARQUEE_|DATABASE_URL|FORCE_COLOR)/.test(name)),
  )
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...inherited, ...place.env, ...env },
    // No `.env` of anybody lies there.
    cwd: tmpdir(),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(place.uid !== undefined && { uid: place.uid }),
  })
  const printed = { stdout: '', stderr: '' }
  child.stdout.on('data', (bytes) => (printed.stdout += String(bytes)))
  child.stderr.on('data', (bytes) => (printed.stderr += String(bytes)))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, ...printed }
}
