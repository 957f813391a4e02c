import { execFile, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'

const run = promisify(execFile)

export type TestPostgres = {
  readonly url: string
  readonly folder: string
  restart(mode?: 'fast' | 'immediate'): Promise<void>
  stop(): Promise<void>
}

/** Starts a private Postgres server in a temporary folder on a free port of loopback. Postgres refuses to run as root, so root lends it the user `postgres`. */
export async function startPostgres(): Promise<TestPostgres> {
  const bin = findBinaries()
  const folder = mkdtempSync(join(tmpdir(), 'marquee-pg-'))
  const data = join(folder, 'data')
  const isRoot = process.getuid?.() === 0
  const user = isRoot ? ['runuser', '-u', 'postgres', '--'] : []
  const as = (program: string, args: string[]): [string, string[]] => {
    const [first, ...rest] = [...user, join(bin, program), ...args]
    return [first ?? program, rest]
  }
  if (isRoot) {
    chmodSync(folder, 0o711)
    await run('chown', ['postgres', folder])
  }
  await run(
    ...as('initdb', ['-D', data, '-U', 'marquee', '--auth=trust', '--no-sync', '-E', 'UTF8', '--locale=C.UTF-8']),
    { cwd: '/' },
  )
  const port = await freePort()
  const settings = [
    `-p ${port}`,
    '-h 127.0.0.1',
    `-k ${folder}`,
    '-c fsync=off',
    '-c full_page_writes=off',
    '-c max_connections=200',
  ]
  const control = async (...args: string[]) => {
    const [program, rest] = as('pg_ctl', ['-D', data, '-l', join(folder, 'log'), '-w', ...args])
    // A server that inherits our pipes would keep them open, so it gets none.
    const child = spawn(program, rest, { cwd: '/', stdio: 'ignore' })
    const code = await new Promise<number | null>((resolve) => child.once('exit', resolve))
    if (code !== 0) throw new Error(`pg_ctl ${args.at(-1)} ended with ${code}; see ${folder}/log`)
  }
  await control('-o', settings.join(' '), 'start')
  return {
    url: `postgres://marquee@127.0.0.1:${port}/postgres`,
    folder,
    restart: (mode = 'fast') => control('-o', settings.join(' '), '-m', mode, 'restart'),
    async stop() {
      await control('-m', 'immediate', 'stop')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function findBinaries(): string {
  const base = '/usr/lib/postgresql'
  const newest = existsSync(base) ? readdirSync(base).sort((a, b) => Number(b) - Number(a))[0] : undefined
  if (newest) return join(base, newest, 'bin')
  const found = (process.env.PATH ?? '').split(':').find((folder) => existsSync(join(folder, 'initdb')))
  if (!found) throw new Error('Postgres is not installed. Install the package "postgresql"')
  return found
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}
