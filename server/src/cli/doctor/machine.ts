import { createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { Config } from '../../config.ts'
import type { ServerNote } from '../../runtime/folder-lock.ts'
import { version } from '../../runtime/folder-lock.ts'
import { type Finding, fail, ok, sentenceOf, warn } from './finding.ts'

const patienceMs = 3_000
/** No machine ran this program before. */
const firstYear = 2026
const lookMs = 200
const strayMs = 5_000

export type ClockInput = {
  readonly now: () => number
  readonly newestEvent: Date | null
  /** Of a running server's answer, which may be on a machine behind a proxy. */
  readonly serverDate: Date | null
}

/** Media links, sessions and "on from 9 to 12" all go by the clock. */
export async function checkClock({ now, newestEvent, serverDate }: ClockInput): Promise<Finding[]> {
  const cure = 'Set it, and switch time synchronisation on (e.g. timedatectl set-ntp true)'
  const at = now()
  const shown = new Date(at).toISOString()
  if (new Date(at).getUTCFullYear() < firstYear) return [fail('clock', `It says ${shown}, which is past. ${cure}`)]
  if (newestEvent && newestEvent.getTime() > at + strayMs)
    return [fail('clock', `It says ${shown}, but the newest event is of ${newestEvent.toISOString()}. ${cure}`)]
  if (serverDate && Math.abs(serverDate.getTime() - at) > strayMs)
    return [fail('clock', `It says ${shown}, and the running server ${serverDate.toISOString()}. ${cure}`)]
  const [wall, steady] = [now(), performance.now()]
  await wait(lookMs)
  const drift = now() - wall - (performance.now() - steady)
  if (Math.abs(drift) > lookMs)
    return [warn('clock', `It jumped by ${Math.round(drift)} ms while it was looked at. ${cure}`)]
  return [ok('clock', `It says ${shown} and goes steadily`)]
}

/** Whether the port is free, or a server of this folder answers there. */
export async function checkPort(config: Config, server: ServerNote | null, date: Date | null): Promise<Finding[]> {
  const { host, port } = config.server
  if (server && date) return [ok('port', `The server answers on ${server.url}`)]
  if (server?.url)
    return [fail('port', `A server works in the data folder, but does not answer on ${server.url}. Restart it`)]
  if (port === 0) return [ok('port', 'Any free one is taken')]
  const error = await tryToListen(host, port)
  const code = error && 'code' in error ? error.code : undefined
  if (!error) return [ok('port', `${host}:${port} is free`)]
  if (code === 'EADDRINUSE')
    return [fail('port', `${host}:${port} is taken by another program. Stop it, or set MARQUEE_PORT to a free one`)]
  if (code === 'EACCES')
    return [fail('port', `${port} needs more rights than this user has. Set MARQUEE_PORT above 1023`)]
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return [fail('port', `This machine does not have the address "${host}". Check MARQUEE_HOST`)]
  return [fail('port', `${host}:${port} can't be used: ${sentenceOf(error)}`)]
}

function tryToListen(host: string, port: number): Promise<Error | null> {
  const { promise, resolve } = Promise.withResolvers<Error | null>()
  const server = createServer().once('error', resolve)
  server.listen({ host, port }, () => server.close(() => resolve(null)))
  return promise
}

export function checkServer(server: ServerNote | null): Finding[] {
  if (!server) return [ok('server', 'None works in the data folder now')]
  if (server.version === version) return [ok('server', `Marquee ${version} runs, process ${server.pid}`)]
  return [
    fail(
      'server',
      `Marquee ${server.version} runs, process ${server.pid}, and this is ${version}. Stop it and start this version, or use its own command line`,
    ),
  ]
}

/** The time in a server's answer to `/healthz`; null if it does not answer. */
export async function askServer(url: string): Promise<Date | null> {
  try {
    const answer = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(patienceMs) })
    await answer.text()
    const date = answer.headers.get('date')
    return answer.ok ? new Date(date ?? Date.now()) : null
  } catch {
    return null
  }
}
