import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Config } from '../../config.ts'
import { openSnapshot } from '../../db/portable/open-portable.ts'
import { type PortableTable, portableTables, type Snapshot } from '../../db/portable/portable.ts'
import { AppError } from '../../errors.ts'
import { makeSecret } from '../../lib/secret.ts'
import { version } from '../../runtime/folder-lock.ts'
import { openStorage } from '../../storage/open-storage.ts'
import type { Storage } from '../../storage/storage.ts'
import { type About, format, type ManifestHead, names } from './archive.format.ts'
import { type ArchiveWriter, writeArchive } from './archive.write.ts'
import { diskError } from './disk-error.ts'
import { type Found, readMedia, type Wanted } from './media.read.ts'

const tableBytes = 8 * 1024 * 1024

type Places = { readonly migrations: string }
export type BackupInput = {
  readonly file: string
  readonly media: boolean
  readonly signal: AbortSignal
  /** Waited for. */
  readonly onProgress: (done: number, all: number) => void | Promise<void>
}
export type BackupSummary = {
  readonly rows: number
  readonly media: number
  /** Deleted while the backup ran; a restore leaves their ads out. */
  readonly deleted: readonly string[]
  /** Named by the database, and not there or of another size. */
  readonly broken: readonly string[]
}

/** Rows of one instant and the bytes that they name, while the server runs; see `docs/decisions`. */
export async function makeBackup(config: Config, places: Places, input: BackupInput): Promise<BackupSummary> {
  const dataDir = resolve(config.server.dataDir)
  ensureReadable(dataDir)
  const secret = readSecret(config, dataDir)
  const where = { databaseUrl: config.server.databaseUrl, dataDir, migrations: places.migrations }
  if (where.databaseUrl === '' && !existsSync(join(dataDir, 'marquee.db')))
    throw new AppError('not-found', `There is nothing to back up in "${dataDir}". Check MARQUEE_DATA_DIR`)
  const clock = { now: () => new Date() }
  const storage = await openStorage(config, { dataDir, secret: makeSecret(secret), clock })
  let summary: BackupSummary | undefined
  await writeArchive(input.file, async (archive) => {
    const snapshot = await openSnapshot(where)
    const rows = await addRows({
      archive,
      snapshot,
      input,
      dialect: where.databaseUrl ? 'postgres' : 'sqlite',
    }).finally(() => snapshot.close())
    await archive.add(names.secret, Buffer.from(secret))
    const media = input.media ? await addMedia(archive, storage, { ...input, wanted: rows.wanted }) : nothing
    const lost = media.missing.length === 0 ? [] : await stillNamed(where, media.missing)
    await addManifest(archive, { counts: rows.counts, missing: media.missing })
    summary = {
      rows: Object.values(rows.counts).reduce((sum, one) => sum + one, 0),
      media: media.count,
      deleted: media.missing.filter((key) => !lost.includes(key)),
      broken: [...lost, ...media.odd],
    }
  })
  if (!summary) throw new Error('The backup has no summary')
  return summary
}

function ensureReadable(dataDir: string): void {
  try {
    accessSync(dataDir, constants.R_OK | constants.X_OK)
  } catch (error) {
    throw diskError(error, dataDir)
  }
}

/** Without it neither links nor sessions of the installation would hold; it is made at the first start. */
function readSecret(config: Config, dataDir: string): string {
  if (config.server.secret !== undefined) return config.server.secret
  const path = join(dataDir, 'secret')
  if (!existsSync(path))
    throw new AppError(
      'not-found',
      `There is no "secret" in "${dataDir}". Check MARQUEE_DATA_DIR, or set MARQUEE_SECRET`,
    )
  return readFileSync(path, 'utf8').trim()
}

type Rows = { readonly counts: Record<string, number>; readonly wanted: Wanted[] }
type RowsInput = {
  readonly archive: ArchiveWriter
  readonly snapshot: Snapshot
  readonly input: BackupInput
  readonly dialect: About['dialect']
}

async function addRows({ archive, snapshot, input, dialect }: RowsInput): Promise<Rows> {
  const tables = portableTables()
  const { schema, lastEventId } = snapshot
  const createdAt = new Date().toISOString()
  // `format` comes first: it is looked for before the file is parsed.
  const about: About = { format, version, schema, dialect, createdAt, media: input.media, lastEventId, tables }
  await archive.add(names.about, Buffer.from(JSON.stringify(about)))
  const rows: Rows = { counts: {}, wanted: [] }
  for (const table of tables) {
    input.signal.throwIfAborted()
    rows.counts[table.name] = await addTable(archive, snapshot, { table, wanted: rows.wanted })
  }
  return rows
}

async function addTable(
  archive: ArchiveWriter,
  snapshot: Snapshot,
  { table, wanted }: { table: PortableTable; wanted: Wanted[] },
): Promise<number> {
  const pick = table.name === 'assets' ? assetPicker(table, wanted) : null
  let [lines, length, count, part]: [string[], number, number, number] = [[], 0, 0, 0]
  const flush = async () => {
    if (lines.length === 0) return
    part++
    await archive.add(`${names.tables}${table.name}.${part}.jsonl`, Buffer.from(`${lines.join('\n')}\n`))
    ;[lines, length] = [[], 0]
  }
  for await (const rows of snapshot.rows(table)) {
    for (const row of rows) {
      const line = JSON.stringify(row)
      lines.push(line)
      length += line.length
      pick?.(row)
    }
    count += rows.length
    if (length >= tableBytes) await flush()
  }
  await flush()
  return count
}

/** Takes out of each asset's row which objects it names. */
function assetPicker({ columns }: PortableTable, wanted: Wanted[]) {
  const at = (name: string) => columns.findIndex((column) => column.name === name)
  const [key, sha256, size, poster] = [at('key'), at('sha256'), at('size'), at('poster_key')]
  return (row: readonly (string | number | null)[]) => {
    wanted.push({ key: String(row[key]), sha256: String(row[sha256]), size: Number(row[size]) })
    const posterKey = row[poster]
    if (typeof posterKey === 'string') wanted.push({ key: posterKey, sha256: null, size: null })
  }
}

type Media = { count: number; missing: string[]; odd: string[] }
const nothing: Media = { count: 0, missing: [], odd: [] }

async function addMedia(
  archive: ArchiveWriter,
  storage: Storage,
  { wanted, signal, onProgress }: BackupInput & { wanted: Wanted[] },
): Promise<Media> {
  const media: Media = { count: 0, missing: [], odd: [] }
  const all = wanted.reduce((sum, { size }) => sum + (size ?? 0), 0)
  let done = 0
  for await (const found of readMedia(storage, wanted)) {
    signal.throwIfAborted()
    const { key, size } = found.wanted
    if ('missing' in found) media.missing.push(key)
    else {
      const length = await addObject(archive, found, signal)
      if (size !== null && size !== length) media.odd.push(key)
      media.count++
    }
    done += size ?? 0
    await onProgress(done, all)
  }
  return media
}

async function addObject(
  archive: ArchiveWriter,
  found: Exclude<Found, { missing: true }>,
  signal: AbortSignal,
): Promise<number> {
  const { key, sha256 } = found.wanted
  const name = `${names.media}${key}`
  if ('bytes' in found) {
    await archive.add(name, found.bytes, sha256 ?? undefined)
    return found.bytes.byteLength
  }
  await archive.addStream(name, {
    size: found.size,
    body: whole(found.body, signal),
    ...(sha256 !== null && { sha256 }),
  })
  return found.size
}

async function* whole(body: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const piece of body) {
    signal.throwIfAborted()
    yield piece
  }
}

/** Those that rows name also now: they were not deleted meanwhile, they are lost. */
async function stillNamed(where: Parameters<typeof openSnapshot>[0], missing: readonly string[]): Promise<string[]> {
  const assets = portableTables().find(({ name }) => name === 'assets')
  if (!assets) return []
  const now: Wanted[] = []
  const pick = assetPicker(assets, now)
  const snapshot = await openSnapshot(where)
  try {
    for await (const rows of snapshot.rows(assets)) rows.forEach(pick)
  } finally {
    await snapshot.close()
  }
  const keys = new Set(now.map(({ key }) => key))
  return missing.filter((key) => keys.has(key))
}

async function addManifest(archive: ArchiveWriter, head: ManifestHead): Promise<void> {
  const lines = [head, ...archive.entries].map((line) => JSON.stringify(line))
  await archive.add(names.manifest, Buffer.from(`${lines.join('\n')}\n`))
}
