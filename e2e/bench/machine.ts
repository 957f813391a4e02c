import { spawnSync } from 'node:child_process'
import { cpus, loadavg, release, totalmem } from 'node:os'
import process from 'node:process'
import Database from 'better-sqlite3'
import { findNginx } from './baselines/nginx.ts'

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
  /** Of the last minute before the figure was begun: other programs that ran, too. */
  readonly loadBefore: number
}

export function describeMachine(): Machine {
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
    loadBefore: loadavg()[0] ?? 0,
  }
}

/** It says it on stderr: `nginx version: nginx/1.22.1`. */
function nginxVersion(binary: string): string | null {
  return /nginx\/(\S+)/.exec(spawnSync(binary, ['-v'], { encoding: 'utf8' }).stderr)?.[1] ?? null
}
