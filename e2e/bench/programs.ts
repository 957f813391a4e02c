import { type ChildProcess, execFile, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { findNginx, spawnNginx } from './baselines/nginx.ts'

const root = join(import.meta.dirname, '../..')
/** The built program. */
export const bundle = join(root, 'server/dist/marquee.mjs')

/** A server in a process of its own. */
export type Program = AsyncDisposable & { readonly url: string; readonly pid: number; stop(): Promise<void> }

type Settings = {
  readonly dataDir: string
  readonly databaseUrl?: string
  /** Whether the usual rate limits hold. Else none: what is measured is how fast it can be. */
  readonly limited?: boolean
}

/** Starts the built server, as `npm start` does. */
export function startMarquee(settings: Settings): Promise<Program> {
  return whenListening(
    spawn(process.execPath, [...profiling(), bundle, 'serve'], {
      env: serverEnv(settings),
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  )
}

/** `--profile DIR` of the bench: each server writes a CPU profile there when it ends. */
function profiling(): string[] {
  const folder = process.env.BENCH_PROFILE
  return folder ? ['--cpu-prof', `--cpu-prof-dir=${folder}`] : []
}

/** Runs a command of the built program; gives its standard output. */
export async function runMarquee(settings: Settings, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [bundle, ...args], { env: serverEnv(settings) })
  return stdout.trim()
}

/** The environment without settings of the person who runs the bench. */
export function serverEnv({ dataDir, databaseUrl = '', limited = false }: Settings): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('MARQUEE_'))
  return {
    ...Object.fromEntries(own),
    MARQUEE_DATA_DIR: dataDir,
    MARQUEE_PORT: '0',
    MARQUEE_LOG_LEVEL: 'warn',
    ...(!limited &&
      Object.fromEntries(['ADDRESS', 'PERSON', 'KEY', 'SCREEN'].map((by) => [`MARQUEE_RATE_LIMIT_${by}`, '0']))),
    DATABASE_URL: databaseUrl,
  }
}

/** Starts `baselines/NAME.ts`. */
export function startBaseline(name: string, args: readonly string[]): Promise<Program> {
  const script = join(import.meta.dirname, 'baselines', `${name}.ts`)
  return whenListening(fork(script, [...args], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] }))
}

/** Null where nginx is not installed. */
export async function startNginx(folders: { folder: string; scratch: string }): Promise<Program | null> {
  const binary = findNginx()
  if (!binary) return null
  const port = await freePort()
  const child = spawnNginx(binary, { ...folders, port })
  const url = `http://127.0.0.1:${port}`
  await untilAnswering(url)
  return program(child, url)
}

function whenListening(child: ChildProcess): Promise<Program> {
  const lines: string[] = []
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line)
        const [, url] = /listening on (\S+)/.exec(line) ?? []
        if (url) resolve(program(child, url))
      })
    }
    child.once('exit', (code, signal) => {
      const text = `The program ended with ${code ?? signal}:\n${lines.join('\n')}`
      if (code !== 0 && signal === null) console.error(text)
      reject(new Error(text))
    })
  })
}

function program(child: ChildProcess, url: string): Program {
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    const hard = setTimeout(() => child.kill('SIGKILL'), 12_000)
    await ended
    clearTimeout(hard)
  }
  return { url, pid: child.pid ?? 0, stop, [Symbol.asyncDispose]: stop }
}

async function untilAnswering(url: string): Promise<void> {
  for (const deadline = performance.now() + 5_000; ; ) {
    const answer = await fetch(url).catch(() => null)
    if (answer) return
    if (performance.now() > deadline) throw new Error(`Nothing answers at ${url}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

/** Runs `load/NAME.ts` in a process of its own: `input` goes in as a message, its answer comes back as one. */
export async function runLoad<I, O>(name: string, input: I): Promise<O> {
  const child = fork(join(import.meta.dirname, 'load', `${name}.ts`), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  // The pair of `answerLoad`: each load's file exports the types of its input and answer.
  const answer = new Promise<O>((resolve, reject) => {
    child.once('message', (message) => resolve(message as O))
    child.once('exit', (code) => reject(new Error(`The load "${name}" ended with ${code} before it answered`)))
  })
  child.send(input as object)
  return answer.finally(() => child.kill())
}
