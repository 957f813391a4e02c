import { spawn } from 'node:child_process'
import { delimiter } from 'node:path'
import { at, root } from './paths.mjs'
import { nodeBinary, nodeFolder } from './toolchain.mjs'

const passedOn = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** The environment of everything that runs here: the pinned Node and the workspace's tools come first. */
export function toolEnv(extra = {}) {
  const path = [nodeFolder(), at('node_modules', '.bin'), process.env.PATH].join(delimiter)
  return { ...process.env, PATH: path, ...extra }
}

/**
 * Runs a program in the foreground with this terminal and passes signals on. Gives its exit code; a program that was
 * ended by a signal counts as 128 + number, as in a shell.
 */
export async function runForeground(command, args, { env = {}, cwd = root } = {}) {
  const child = spawn(command, args, { cwd, env: toolEnv(env), stdio: 'inherit' })
  // A terminal sends Ctrl-C to the whole group, the child included; only a signal sent to this process alone is passed on.
  const pass = (signal) => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
  }
  for (const signal of passedOn) process.on(signal, pass)
  try {
    return await exitOf(child, command)
  } finally {
    for (const signal of passedOn) process.off(signal, pass)
  }
}

/** Runs a program and keeps what it says: `{ code, output }`. Both streams are one, in the order in which they came. */
export async function runQuiet(command, args, { env = {}, cwd = root } = {}) {
  const child = spawn(command, args, {
    cwd,
    env: toolEnv({ NO_COLOR: '1', FORCE_COLOR: '0', ...env }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
  const end = () => child.kill('SIGTERM')
  for (const signal of passedOn) process.once(signal, end)
  try {
    return { code: await exitOf(child, command), output }
  } finally {
    for (const signal of passedOn) process.off(signal, end)
  }
}

/** Runs a program that must work and gives what it wrote to stdout; its notes are shown only if it fails. */
export async function readFrom(command, args, { env = {}, cwd = root } = {}) {
  const child = spawn(command, args, { cwd, env: toolEnv(env), stdio: ['ignore', 'pipe', 'pipe'] })
  let [output, notes] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    notes += text
  })
  const code = await exitOf(child, command)
  if (code !== 0) throw new Error(notes.trim() || `"${args.join(' ')}" ended with exit code ${code}`)
  return output.trim()
}

/** Runs a script of this repository, or a JavaScript file of a tool, under the pinned Node. */
export const runNode = (args, options) => runForeground(nodeBinary(), args, options)

/** Runs a step that must work; says its output and throws if it does not. */
export async function runStep(title, command, args, options) {
  const { code, output } = await runQuiet(command, args, options)
  if (code !== 0) throw new Error(`${output.trimEnd()}\n${title} failed with exit code ${code}`)
}

/** Seconds since `started`, for progress lines. */
export const secondsSince = (started) => `${((performance.now() - started) / 1000).toFixed(1)} s`

function exitOf(child, command) {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`"${command}" could not be started: ${error.message}`)))
    child.once('close', (code, signal) => resolve(code ?? 128 + (signalNumbers[signal] ?? 0)))
  })
}

const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 }
