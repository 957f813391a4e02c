import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import Database from 'better-sqlite3'
import packageFile from '../../package.json' with { type: 'json' }
import { ConfigError } from '../config.ts'

export const version: string = packageFile.version

/** What a running server says of itself in its data folder. */
export type ServerNote = { readonly version: string; readonly pid: number; readonly url: string }
export type Hold = { release(): void }

const lockPath = (dataDir: string) => join(dataDir, 'server.lock')
const notePath = (dataDir: string) => join(dataDir, 'server.json')
/** Lies in a data folder while a restore puts things there; one that was broken off leaves it. */
export const restoringFolder = '.restoring'

/** Throws if a restore into this folder was broken off: what is there is half of something. */
export function ensureWhole(dataDir: string): void {
  if (!existsSync(join(dataDir, restoringFolder))) return
  throw new ConfigError([
    `MARQUEE_DATA_DIR="${dataDir}": a restore into this folder runs, or was broken off. Wait for it, or run "marquee restore" again`,
  ])
}

/**
 * Marks the folder as one that a server works in, for as long as the process lives. Several servers may (they share a
 * Postgres). The lock is the operating system's, through SQLite: a crash can't leave it behind.
 */
export function holdFolder(dataDir: string): Hold {
  mkdirSync(dataDir, { recursive: true })
  const lock = new Database(lockPath(dataDir), { timeout: 5_000 })
  try {
    lock.exec('BEGIN')
    lock.prepare('SELECT count(*) FROM sqlite_master').get()
  } catch (error) {
    lock.close()
    throw error
  }
  return { release: () => void lock.close() }
}

/** The folder for oneself, or null while a server works in it. */
export function takeFolder(dataDir: string): Hold | null {
  const lock = new Database(lockPath(dataDir), { timeout: 0 })
  try {
    // Else a file for the undoing of nothing would lie beside it.
    lock.pragma('journal_mode = MEMORY')
    lock.exec('BEGIN EXCLUSIVE')
    return { release: () => void lock.close() }
  } catch (error) {
    lock.close()
    if (error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY') return null
    throw error
  }
}

export function writeNote(dataDir: string, url: string): void {
  const note: ServerNote = { version, pid: process.pid, url }
  // Whoever reads it meanwhile sees the old or the new one.
  writeFileSync(`${notePath(dataDir)}.new`, JSON.stringify(note))
  renameSync(`${notePath(dataDir)}.new`, notePath(dataDir))
}

/** The server that works in this folder now; null if there is none. */
export function findServer(dataDir: string): ServerNote | null {
  if (!existsSync(lockPath(dataDir))) return null
  try {
    const free = takeFolder(dataDir)
    free?.release()
    return free ? null : readNote(dataDir)
  } catch {
    // A folder that this user may not read; whoever opens what is in it says so.
    return null
  }
}

/** A server that is just starting has not written its own yet. */
function readNote(dataDir: string): ServerNote {
  try {
    const note: unknown = JSON.parse(readFileSync(notePath(dataDir), 'utf8'))
    if (isNote(note)) return note
  } catch {
    // Not there yet.
  }
  return { version, pid: 0, url: '' }
}

function isNote(value: unknown): value is ServerNote {
  return (
    typeof value === 'object' &&
    value !== null &&
    'version' in value &&
    typeof value.version === 'string' &&
    'pid' in value &&
    typeof value.pid === 'number' &&
    'url' in value &&
    typeof value.url === 'string'
  )
}
