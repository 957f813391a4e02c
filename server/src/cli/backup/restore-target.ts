import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Config } from '../../config.ts'
import { emptyPostgres } from '../../db/portable/intake-postgres.ts'
import { AppError } from '../../errors.ts'
import { hashToken } from '../../lib/secret.ts'
import { findServer, restoringFolder, takeFolder } from '../../runtime/folder-lock.ts'
import { ensureFolder } from '../../runtime/open-deps.ts'
import { syncFolder } from './archive.write.ts'
import { diskError } from './disk-error.ts'

/** What an empty data folder may hold. */
const ours = new Set(['server.lock', 'server.lock-journal', 'server.json', '.writable', 'lost+found'])
const syncsAtOnce = 16
const takenFile = 'database-taken'

export type Target = {
  /** Where everything is put together; on the file system of the data folder. */
  readonly folder: string
  /** Whether an earlier restore, broken off in this folder, took this database: what it left there may go. */
  tookBefore(databaseUrl: string): boolean
  /** From here on a crash leaves a folder that no server starts in, and into which a restore may go again. */
  begin(): void
  /** Called before rows go into a database outside of the folder. */
  takeDatabase(databaseUrl: string): void
}

/**
 * Gives `work` a folder inside the data folder, and moves what it made into place if all went well; else nothing of it
 * stays. Refuses a folder in use, or one that holds something.
 */
export async function withTarget<T>(config: Config, work: (target: Target) => Promise<T>): Promise<T> {
  const dataDir = resolve(config.server.dataDir)
  const existed = existsSync(dataDir)
  await ensureFolder(dataDir)
  const lock = takeFolder(dataDir)
  if (!lock) throw inUse(dataDir)
  const folder = join(dataDir, restoringFolder)
  const again = existsSync(folder)
  const before = again ? takenDatabase(folder) : null
  let [begun, taken] = [false, false]
  const target: Target = {
    folder,
    tookBefore: (databaseUrl) => before === hashToken(databaseUrl),
    begin() {
      if (again) clear(dataDir)
      mkdirSync(folder)
      begun = true
    },
    takeDatabase(databaseUrl) {
      writeFileSync(join(folder, takenFile), hashToken(databaseUrl), { flush: true })
      taken = true
    },
  }
  try {
    if (!again) ensureEmpty(dataDir)
    const result = await work(target)
    await settle(dataDir, folder)
    return result
  } catch (error) {
    if (taken) await emptyPostgres(config.server.databaseUrl)
    if (begun) clear(dataDir)
    throw diskError(error, dataDir)
  } finally {
    lock.release()
    if (!existed && isEmpty(dataDir)) rmSync(dataDir, { recursive: true })
  }
}

function inUse(dataDir: string): AppError {
  const server = findServer(dataDir)
  const which = server?.pid ? `, process ${server.pid}` : ''
  return new AppError(
    'conflict',
    `A server works in "${dataDir}"${which}. Stop it, or restore into another folder with MARQUEE_DATA_DIR`,
  )
}

function ensureEmpty(dataDir: string): void {
  const [first] = foreign(dataDir)
  if (first === undefined) return
  throw new AppError(
    'conflict',
    `"${dataDir}" is not empty: it has "${first}". Restore into another folder with MARQUEE_DATA_DIR, or move that away`,
  )
}

function foreign(dataDir: string): string[] {
  return readdirSync(dataDir).filter((name) => !ours.has(name))
}

function isEmpty(dataDir: string): boolean {
  return existsSync(dataDir) && foreign(dataDir).length === 0
}

/** The folder was empty before a restore began in it. The mark goes last. */
function clear(dataDir: string): void {
  const names = foreign(dataDir).filter((name) => name !== restoringFolder)
  for (const name of [...names, restoringFolder]) rmSync(join(dataDir, name), { recursive: true, force: true })
}

function takenDatabase(folder: string): string | null {
  const path = join(folder, takenFile)
  return existsSync(path) ? readFileSync(path, 'utf8') : null
}

/** Everything is on the disk before the first name changes; the mark goes when all are in place. */
async function settle(dataDir: string, folder: string): Promise<void> {
  await syncTree(folder)
  for (const name of readdirSync(folder)) if (name !== takenFile) renameSync(join(folder, name), join(dataDir, name))
  await syncFolder(dataDir)
  rmSync(folder, { recursive: true })
  await syncFolder(dataDir)
}

async function syncTree(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(folder, entry.name))
  for (const entry of entries) if (entry.isDirectory()) await syncTree(join(folder, entry.name))
  const work = async () => {
    for (let path = files.pop(); path !== undefined; path = files.pop()) await syncFile(path)
  }
  await Promise.all(Array.from({ length: syncsAtOnce }, work))
  await syncFolder(folder)
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r')
  await file.sync().finally(() => file.close())
}
