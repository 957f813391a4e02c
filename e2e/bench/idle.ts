import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Bench, type Figure, interleave, pick, type Sample } from './figure.ts'
import { rssMb } from './processes.ts'
import { serverEnv, startMarquee } from './programs.ts'
import { summarize } from './statistics.ts'

const root = join(import.meta.dirname, '../..')
const idleMs = 10_000
const [mostMb, mostSeconds] = [150, 3]

export const idle: Figure = {
  name: 'idle',
  title: 'The process, idle after start',
  method: `\`npm start\` with nothing stale, and the bundle alone, each from the start of the process until it says that it listens, on a data folder that exists. Memory: RSS of the server ${idleMs / 1000} s after it listens, nobody connected.`,
  async run(bench) {
    const dataDir = join(bench.scratch, 'data')
    mkdirSync(dataDir)
    const series = await interleave(bench, {
      bundle: () => startBundle(bench, dataDir),
      npm: () => npmStart(dataDir),
    })
    const memory = summarize(pick(series.bundle, 'rssMb'))
    const npm = summarize(pick(series.npm, 'seconds'))
    return [
      {
        what: 'memory (RSS)',
        unit: 'MB',
        subject: memory,
        must: { text: `≤ ${mostMb} MB`, met: memory.median <= mostMb },
      },
      {
        what: '`npm start` until it listens',
        unit: 's',
        subject: npm,
        must: { text: `≤ ${mostSeconds} s`, met: npm.median <= mostSeconds },
      },
      { what: 'the bundle alone until it listens', unit: 's', subject: summarize(pick(series.bundle, 'seconds')) },
    ]
  },
}

async function startBundle({ quick }: Bench, dataDir: string): Promise<Sample> {
  const started = performance.now()
  await using marquee = await startMarquee({ dataDir })
  const seconds = (performance.now() - started) / 1000
  await new Promise((resolve) => setTimeout(resolve, quick ? idleMs / 5 : idleMs))
  return { seconds, rssMb: rssMb(marquee.pid) }
}

async function npmStart(dataDir: string): Promise<Sample> {
  const started = performance.now()
  const child = spawn('npm', ['start'], {
    cwd: root,
    env: serverEnv({ dataDir }),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const seconds = await new Promise<number>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.includes('listening on')) resolve((performance.now() - started) / 1000)
    })
    child.once('exit', (code) => reject(new Error(`"npm start" ended with ${code}`)))
  })
  child.kill('SIGTERM')
  await ended
  return { seconds }
}
