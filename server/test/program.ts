import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'

const root = join(import.meta.dirname, '../..')
/** On Node the built program runs, as `npm start` runs it (`npm run build` makes it); on Deno the sources. */
export type RuntimeName = 'node' | 'deno'

export type Program = AsyncDisposable & {
  readonly url: string
  /** The one-time link of the first owner, or null when somebody has an account. */
  readonly setUpToken: string | null
  readonly dataDir: string
  readonly pid: number
  /** Everything that it printed so far. */
  output(): string
  /** Ends it with a signal and gives the exit code, null if the signal itself ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

export type ProgramOptions = {
  readonly runtime?: RuntimeName
  /** Keeps the data of an earlier run. */
  readonly dataDir?: string
  readonly env?: Record<string, string>
  readonly port?: number
}

/** Starts the real server in a process of its own and waits until it listens. Rejects with its output if it ends before. */
export async function startProgram({
  runtime = 'node',
  dataDir = newDataDir(),
  env = {},
  port = 0,
}: ProgramOptions = {}): Promise<Program> {
  const child = spawnServer(runtime, {
    MARQUEE_DATA_DIR: dataDir,
    MARQUEE_PORT: String(port),
    MARQUEE_LOG_LEVEL: 'warn',
    ...env,
  })
  const lines: string[] = []
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line)
        const [, found] = /listening on (\S+)/.exec(line) ?? []
        if (found) resolve(found)
      })
    }
    child.once('exit', (code) => reject(new ProgramEnded(code, lines.join('\n'))))
  })
  // The link is printed right after, in the same write or the next.
  const setUpToken = await waitFor(() =>
    lines.some((line) => line.includes('/player/')) ? { token: tokenIn(lines) } : null,
  )
  return {
    url,
    setUpToken: setUpToken.token,
    dataDir,
    pid: child.pid ?? 0,
    output: () => lines.join('\n'),
    stop: (signal = 'SIGTERM') => stopChild(child, signal),
    [Symbol.asyncDispose]: async () => void (await stopChild(child, 'SIGKILL')),
  }
}

export class ProgramEnded extends Error {
  readonly code: number | null
  constructor(code: number | null, output: string) {
    super(`The program ended with ${code}:\n${output}`)
    this.code = code
  }
}

export function newDataDir(): string {
  return mkdtempSync(join(tmpdir(), 'marquee-program-'))
}

function spawnServer(runtime: RuntimeName, env: Record<string, string>): ChildProcess {
  const [command, ...args] = commandOf(runtime)
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('MARQUEE_') && name !== 'DATABASE_URL'),
  )
  return spawn(command, args, {
    env: { ...inherited, DENO_NO_UPDATE_CHECK: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: root,
  })
}

function commandOf(runtime: RuntimeName): [string, ...string[]] {
  switch (runtime) {
    case 'node':
      return [process.execPath, join(root, 'server/dist/marquee.mjs'), 'serve']
    case 'deno':
      return [denoBinary(), 'run', '-A', '--no-prompt', join(root, 'server/src/runtime/deno.ts')]
  }
}

/** The binary itself: the launcher of the package would take our signals and leave the server running. */
export function denoBinary(): string {
  const require = createRequire(realpathSync(join(root, 'server/node_modules/deno/package.json')))
  const { optionalDependencies } = require('./package.json') as { optionalDependencies: Record<string, string> }
  for (const name of Object.keys(optionalDependencies)) {
    try {
      const binary = join(dirname(require.resolve(`${name}/package.json`)), 'deno')
      if (existsSync(binary)) return binary
    } catch {
      // Not the package of this platform.
    }
  }
  throw new Error('Deno is not installed for this platform. Run "npm run build" once, which installs it')
}

async function stopChild(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  const ended = once(child, 'exit')
  child.kill(signal)
  await ended
  return child.exitCode
}

function tokenIn(lines: string[]): string | null {
  return /\/setup\/(\S+)/.exec(lines.join('\n'))?.[1] ?? null
}

/** Asks again and again until there is an answer; fails after `patienceMs`. */
export async function waitFor<T>(
  ask: () => T | null | undefined | Promise<T | null | undefined>,
  patienceMs = 20_000,
): Promise<T> {
  for (const deadline = performance.now() + patienceMs; ; ) {
    const answer = await ask()
    if (answer !== null && answer !== undefined) return answer
    if (performance.now() > deadline) throw new Error(`Nothing came within ${patienceMs} ms of ${ask}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
