// Starts a server on standard input and output and calls it in a closed loop, so many calls at once.
import { spawn } from 'node:child_process'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { watch } from '../processes.ts'
import { answerLoad } from './load.ts'
import { type Call, ensureAnswer, toMessage } from './mcp.message.ts'
import type { McpAnswer } from './mcp-http.ts'

export type McpStdioInput = Call & {
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly atOnce: number
  readonly count: number
}

answerLoad<McpStdioInput, McpAnswer>(async ({ args, env, atOnce, count, ...call }) => {
  const child = spawn(process.execPath, [...args], { env, stdio: ['pipe', 'pipe', 'inherit'] })
  const waiting = new Map<number, (line: string) => void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    // At the end of the message, where the SDK writes it, or at its beginning.
    const id = Number(/"id":(\d+)}$/.exec(line)?.[1] ?? /^{"jsonrpc":"2.0","id":(\d+)/.exec(line)?.[1])
    waiting.get(id)?.(line)
    waiting.delete(id)
  })
  let [asked, bytes] = [0, 0]
  const ask = async () => {
    const id = ++asked
    const line = await new Promise<string>((resolve) => {
      waiting.set(id, resolve)
      child.stdin.write(`${toMessage(id, call)}\n`)
    })
    if (id % 100 === 1) ensureAnswer(line)
    bytes += line.length
  }
  for (let at = 0; at < 50; at++) await ask()
  ;[asked, bytes] = [0, 0]
  const watched = watch(child.pid ?? 0)
  const work = async () => {
    while (asked < count) await ask()
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  const used = watched.end()
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.stdin.end()
  const hard = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await ended
  clearTimeout(hard)
  return { ...used, bytes }
})
