import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { expect, it } from 'vitest'
import { makeHttpClient } from '../http-client.ts'
import { startProgram } from '../program.ts'

const repository = join(import.meta.dirname, '../../..')
/** What a reader of the guides has in front of them; linked, so that what the commands write stays out of it. */
const shown = ['package.json', 'node_modules', 'scripts', 'server', 'shared', 'panel', 'player', 'e2e', '.toolchain']
const lockFiles = ['pnpm-lock.yaml', 'pnpm-workspace.yaml']

/** The shell commands of a guide, as they stand. */
function commandsOf(guide: string): string[] {
  const text = readFileSync(join(repository, 'docs/guide', guide), 'utf8')
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, commands = '']) => commands)
}

/** Runs commands in one shell, as somebody who copies them one after another; stops at the first that fails. */
function runIn(folder: string, commands: string, env: Record<string, string>) {
  const path = `${dirname(process.execPath)}:${process.env.PATH}`
  const shell = spawn('bash', ['-euo', 'pipefail', '-c', commands], {
    cwd: folder,
    env: { ...process.env, PATH: path, ...env },
  })
  let output = ''
  for (const stream of [shell.stdout, shell.stderr]) stream.on('data', (bytes) => (output += String(bytes)))
  return new Promise<{ code: number | null; output: string }>((resolve) =>
    shell.once('close', (code) => resolve({ code, output })),
  )
}

async function openShop() {
  const program = await startProgram()
  const owner = makeHttpClient(program.url)
  const ann = { name: 'Ann', email: 'ann@example.com', password: 'correct horse battery' }
  const shop = { tenantName: 'client_001', timeZone: 'Asia/Shanghai' }
  await owner.trpc.accounts.setUp.mutate({ token: program.setUpToken ?? '', ...ann, ...shop })
  const me = await owner.trpc.accounts.me.query()
  return { program, owner, tenantId: me.tenant?.id ?? '' }
}

function checkout(): string {
  const folder = mkdtempSync(join(tmpdir(), 'marquee-guide-'))
  const there = readdirSync(repository)
  for (const name of [...shown, ...lockFiles])
    if (there.includes(name)) symlinkSync(join(repository, name), join(folder, name))
  cpSync(join(repository, 'examples'), join(folder, 'examples'), { recursive: true })
  return folder
}

it.each(['agents.md', 'api.md'])(
  'the commands of %s work as they stand, and are the same in both languages',
  async (guide) => {
    const commands = commandsOf(guide)
    expect(commands.length).toBeGreaterThan(1)
    expect(commandsOf(guide.replace('.md', '.zh-CN.md'))).toEqual(commands)
    const { program, owner, tenantId } = await openShop()
    await using _ = program
    // The guide's server has the usual port and the tenant of `npm run demo`.
    const here = commands
      .join('\n')
      .replaceAll('http://127.0.0.1:12393', program.url)
      .replaceAll('client_001', tenantId)
    const env = { MARQUEE_DATA_DIR: program.dataDir, MARQUEE_URL: program.url }
    const { code, output } = await runIn(checkout(), here, env)
    expect(output).not.toContain('"status":4')
    expect(code, output).toBe(0)
    expect((await owner.trpc.activity.list.query({})).items.map(({ action }) => action)).toContain('ad.create')
  },
)
