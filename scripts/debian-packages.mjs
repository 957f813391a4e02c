import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { say } from './toolchain.mjs'

/** Debian packages that the whole suite needs, and how to see that each is there. */
const needed = [
  { name: 'chromium', there: () => onPath('chromium') },
  { name: 'ffmpeg', there: () => onPath('ffmpeg') },
  { name: 'postgresql', there: () => onPath('postgres') || newestPostgres() },
  { name: 'postgresql-client', there: () => onPath('psql') },
  { name: 'fonts-noto-cjk', there: () => existsSync('/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc') },
]

/** Installs what is missing when root on Debian; else says it in one line and gives false. */
export function haveDebianPackages() {
  const missing = needed.filter(({ there }) => !there()).map(({ name }) => name)
  if (missing.length === 0) return true
  if (process.getuid?.() !== 0 || !onPath('apt-get')) {
    console.error(
      `Missing for the tests: ${missing.join(' ')}. Install them: sudo apt-get install ${missing.join(' ')}`,
    )
    return false
  }
  say(`Installing ${missing.join(' ')} …`)
  apt(['update', '-qq'])
  apt(['install', '-y', '-qq', '--no-install-recommends', ...missing])
  const still = needed.filter(({ there }) => !there()).map(({ name }) => name)
  if (still.length > 0) console.error(`Could not be installed: ${still.join(' ')}`)
  return still.length === 0
}

function apt(args) {
  spawnSync('apt-get', args, { stdio: ['ignore', 2, 2], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
}

const onPath = (name) => (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)))

const newestPostgres = () => existsSync('/usr/lib/postgresql') && readdirSync('/usr/lib/postgresql').length > 0
