import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { at, root } from './paths.mjs'

const pnpmVersion = '12.21.0'
const marker = at('node_modules', '.marquee-installed')
const manifests = [
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
  'package.json',
  ...['shared', 'server', 'panel', 'player', 'e2e'].map((name) => `${name}/package.json`),
]

/** Installs the pinned packages, Node among them, if what is installed differs from the lockfile. */
export async function installPackages() {
  const wanted = hashOf(manifests)
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return
  const pnpm = bringPnpm()
  // pnpm reads npm's files itself, but not what `npm --registry` or the environment say.
  const registry = process.env.npm_config_registry ? [`--registry=${process.env.npm_config_registry}`] : []
  runInstaller(pnpm, ['install', '--frozen-lockfile', ...registry], 'Installing packages')
  writeFileSync(marker, wanted)
}

/** The pinned Node that the workspace installed; on platforms without one, this process's own if it is new enough. */
export function nodeBinary() {
  const pinned = at('node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node')
  if (existsSync(pinned)) return pinned
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 22 || (major === 22 && minor >= 17)) return process.execPath
  throw new Error(
    `There is no pinned Node for ${process.platform} ${process.arch}, and this one is ${process.versions.node}. Install Node 24`,
  )
}

export const nodeFolder = () => dirname(nodeBinary())

/** Progress goes to stderr, so that stdout is the command's own. */
export const say = (text) => console.error(text)

/** A stamp of files by content; a missing file counts as empty. */
export function hashOf(paths) {
  const hash = createHash('sha256')
  for (const path of paths) hash.update(`${path}\0`).update(existsSync(at(path)) ? readFileSync(at(path)) : '')
  return hash.digest('hex')
}

function bringPnpm() {
  const folder = at('.toolchain')
  const binary = at('.toolchain', 'node_modules', 'pnpm', 'pnpm')
  const stamp = at('.toolchain', 'node_modules', 'pnpm', 'package.json')
  if (existsSync(binary) && JSON.parse(readFileSync(stamp, 'utf8')).version === pnpmVersion) return binary
  mkdirSync(folder, { recursive: true })
  // A package.json of its own keeps npm from climbing to the workspace's.
  writeFileSync(at('.toolchain', 'package.json'), '{ "private": true }\n')
  runInstaller(
    ...npm(['install', '--prefix', folder, '--no-audit', '--no-fund', '--loglevel=error', `pnpm@${pnpmVersion}`]),
    `Bringing pnpm ${pnpmVersion}`,
  )
  return binary
}

/** npm as the one that started us, else the one on PATH. */
function npm(args) {
  const cli = process.env.npm_execpath
  return cli?.endsWith('npm-cli.js') ? [process.execPath, [cli, ...args]] : ['npm', args]
}

/** Says what it does and how long it took; what the installer itself says matters only if it fails. */
function runInstaller(command, args, title) {
  say(`${title} …`)
  const started = performance.now()
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
  if (error) throw new Error(`${title} failed: "${command}" could not be started (${error.message})`)
  if (status !== 0)
    throw new Error(
      `${stdout}${stderr}\n${title} failed with exit code ${status}. Check the network and the registry that npm uses`,
    )
  say(`${title}: done in ${((performance.now() - started) / 1000).toFixed(1)} s`)
}
