import { accessSync, constants, statfsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { megabytes } from '../progress.ts'
import { type Finding, fail, ok, sentenceOf, warn } from './finding.ts'

/** The server itself says that it is not ready below this. */
const leastFree = 64 * 1024 * 1024
const littleFree = 1024 * 1024 * 1024

/** `f_type` of statfs on Linux; see statfs(2). */
const kinds: ReadonlyMap<number, string> = new Map([
  [0xef53, 'ext4'],
  [0x58465342, 'xfs'],
  [0x9123683e, 'btrfs'],
  [0x2fc12fc1, 'zfs'],
  [0x01021994, 'tmpfs'],
  [0x858458f6, 'ramfs'],
  [0x794c7630, 'overlay'],
  [0x6969, 'nfs'],
  [0xff534d42, 'smb'],
  [0xfe534d42, 'smb'],
  [0x517b, 'smb'],
  [0x65735546, 'fuse'],
])
const cures: Readonly<Record<string, string>> = {
  tmpfs: 'which is gone after a restart of this machine. Set MARQUEE_DATA_DIR to a folder on a disk',
  ramfs: 'which is gone after a restart of this machine. Set MARQUEE_DATA_DIR to a folder on a disk',
  overlay: 'which is gone with the container. Mount a volume and set MARQUEE_DATA_DIR to it',
  nfs: 'on which the locks of SQLite can not be relied. Use a disk of this machine, or Postgres',
  smb: 'on which the locks of SQLite can not be relied. Use a disk of this machine, or Postgres',
}

/** The folder of the data, or of what will hold it. */
export function checkFolder(dataDir: string): Finding[] {
  const stats = statSync(dataDir, { throwIfNoEntry: false })
  if (stats && !stats.isDirectory()) return [fail('folder', `"${dataDir}" is no folder. Set MARQUEE_DATA_DIR to one`)]
  const folder = stats ? dataDir : nearest(dataDir)
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    const cure = 'Give it to the user that runs Marquee, or set MARQUEE_DATA_DIR to another'
    return [fail('folder', `"${folder}" can't be written (${sentenceOf(error)}). ${cure}`)]
  }
  if (!stats) return [ok('folder', `"${dataDir}" is not there yet; the first start makes it`)]
  return [secretFinding(dataDir) ?? ok('folder', `"${dataDir}" can be written`)]
}

function secretFinding(dataDir: string): Finding | null {
  const path = join(dataDir, 'secret')
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats || (stats.mode & 0o077) === 0) return null
  return warn('folder', `Others of this machine may read "${path}". Run: chmod 600 "${path}"`)
}

export function checkDisk(dataDir: string): Finding[] {
  const { bavail, bsize, type } = statfsSync(nearest(dataDir))
  const free = bavail * bsize
  const kind = kinds.get(type)
  const found = [room(free)]
  const cure = kind === undefined ? undefined : cures[kind]
  if (cure !== undefined) found.push(warn('disk', `The data lie on ${kind}, ${cure}`))
  return found
}

function room(free: number): Finding {
  const cure = 'Delete something, or give it a larger disk'
  if (free < leastFree) return fail('disk', `Only ${megabytes(free)} are free: uploads are refused. ${cure}`)
  if (free < littleFree) return warn('disk', `Only ${megabytes(free)} are free. ${cure}`)
  return ok('disk', `${megabytes(free)} are free`)
}

/** The folder itself, or the first above it that is there. */
export function nearest(folder: string): string {
  return statSync(folder, { throwIfNoEntry: false }) || dirname(folder) === folder ? folder : nearest(dirname(folder))
}
