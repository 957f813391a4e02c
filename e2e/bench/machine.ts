import { spawnSync } from 'node:child_process'
import { cpus, getPriority, release, totalmem } from 'node:os'
import process from 'node:process'
import Database from 'better-sqlite3'
import { findNginx } from './baselines/nginx.ts'

const lookMs = 2_000

/** Where a figure was measured. */
export type Machine = {
  readonly date: string
  readonly cpu: string
  readonly cores: number
  readonly memoryGb: number
  readonly system: string
  readonly node: string
  readonly sqlite: string
  readonly nginx: string | null
  /** Of the bench and all that it starts; 0 is usual, less comes before other programs. */
  readonly niceness: number
  /** How many cores other programs kept busy just before the figure was begun. */
  readonly othersBusy: number
}

export async function describeMachine(): Promise<Machine> {
  const nginx = findNginx()
  const db = new Database(':memory:')
  const sqlite = String(db.prepare('select sqlite_version()').pluck().get())
  db.close()
  return {
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `Linux ${release()}`,
    node: process.versions.node,
    sqlite,
    nginx: nginx === null ? null : nginxVersion(nginx),
    niceness: getPriority(),
    othersBusy: await busyCores(),
  }
}

/** It says it on stderr: `nginx version: nginx/1.22.1`. */
function nginxVersion(binary: string): string | null {
  return /nginx\/(\S+)/.exec(spawnSync(binary, ['-v'], { encoding: 'utf8' }).stderr)?.[1] ?? null
}

async function busyCores(): Promise<number> {
  const before = coreTimes()
  await new Promise((resolve) => setTimeout(resolve, lookMs))
  const after = coreTimes()
  return ((after.busy - before.busy) / (after.all - before.all)) * cpus().length
}

function coreTimes(): { busy: number; all: number } {
  const all = cpus().flatMap(({ times }) => Object.values(times))
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)
  return { busy: sum(all) - sum(cpus().map(({ times }) => times.idle)), all: sum(all) }
}
