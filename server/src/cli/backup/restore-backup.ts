import { createHash, type Hash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../config.ts'
import { openDb } from '../../db/open-db.ts'
import { openIntake } from '../../db/portable/open-portable.ts'
import type { Intake, PortableRow } from '../../db/portable/portable.ts'
import { indexAllAds } from '../../features/ads/ads.index.usecases.ts'
import { makeSecret } from '../../lib/secret.ts'
import { openStorage } from '../../storage/open-storage.ts'
import type { Storage } from '../../storage/storage.ts'
import {
  type About,
  about,
  type ManifestHead,
  type ManifestLine,
  manifestHead,
  manifestLine,
  names,
} from './archive.format.ts'
import { type ArchiveEntry, bytesOf, damaged, readArchive, verifyArchive } from './archive.read.ts'
import { mediaWriter } from './media.write.ts'
import { type Target, withTarget } from './restore-target.ts'

type Places = { readonly migrations: string }
export type RestoreInput = {
  readonly file: string
  readonly onProgress: (step: 'checking' | 'writing', done: number, all: number) => void
}
export type RestoreSummary = {
  readonly about: About
  readonly rows: number
  readonly media: number
  /** Whose bytes were not in the backup: their ads are left out. */
  readonly missing: number
  /** Whose bytes were damaged before the backup was made. */
  readonly broken: readonly string[]
}

/** Puts a backup into an empty folder (and an empty database), all of it or nothing. */
export async function restoreBackup(config: Config, places: Places, input: RestoreInput): Promise<RestoreSummary> {
  return withTarget(config, async (target) => {
    await verifyArchive(input.file, (done, all) => input.onProgress('checking', done, all))
    target.begin()
    const reading = new Reading({ config, places, input, target })
    try {
      for await (const entry of readArchive(input.file)) await reading.take(entry)
      const summary = await reading.finish()
      await finishDatabase(config, places, target)
      return summary
    } catch (error) {
      await reading.abort()
      throw error
    }
  })
}

/** The schema of this program, and what the search knows. */
async function finishDatabase(config: Config, places: Places, target: Target): Promise<void> {
  const { databaseUrl } = config.server
  const db = await openDb({ databaseUrl, dataDir: target.folder, migrations: places.migrations })
  await indexAllAds(db).finally(() => db.close())
}

type Parts = { readonly config: Config; readonly places: Places; readonly input: RestoreInput; readonly target: Target }

class Reading {
  readonly #parts: Parts
  readonly #sums = new Map<string, string>()
  readonly #counts: Record<string, number> = {}
  #about: About | undefined
  #intake: Intake | undefined
  #storage: Storage | undefined
  #manifest: { head: ManifestHead; lines: ManifestLine[] } | undefined
  #done = 0
  #media = 0

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async take(entry: ArchiveEntry): Promise<void> {
    const { name } = entry
    if (name === names.about) await this.#begin(entry)
    else if (name.startsWith(names.tables)) await this.#takeRows(entry)
    else if (name === names.secret) await this.#takeSecret(entry)
    else if (name.startsWith(names.media)) await this.#takeMedia(entry)
    else if (name === names.manifest) this.#manifest = readManifest((await bytesOf(entry)).toString())
    else await bytesOf(entry)
    this.#done += entry.size
    this.#parts.input.onProgress('writing', this.#done, this.#done)
  }

  async #begin(entry: ArchiveEntry): Promise<void> {
    const bytes = await bytesOf(entry)
    this.#note(names.about, bytes)
    this.#about = about.parse(JSON.parse(bytes.toString()))
    const { config, places, target } = this.#parts
    const { databaseUrl } = config.server
    const where = { databaseUrl, dataDir: target.folder, migrations: places.migrations }
    const again = target.tookBefore(databaseUrl)
    this.#intake = await openIntake(where, { schema: this.#about.schema, again })
    if (databaseUrl !== '') target.takeDatabase(databaseUrl)
  }

  async #takeRows(entry: ArchiveEntry): Promise<void> {
    const bytes = await bytesOf(entry)
    this.#note(entry.name, bytes)
    const [tableName = ''] = entry.name.slice(names.tables.length).split('.')
    const table = this.#about?.tables.find((one) => one.name === tableName)
    if (!table || !this.#intake) throw damaged(this.#parts.input.file)
    // The sum of the file says that these are the rows that a backup wrote.
    const rows = bytes
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as PortableRow)
    await this.#intake.insert(table, rows)
    this.#counts[tableName] = (this.#counts[tableName] ?? 0) + rows.length
  }

  async #takeSecret(entry: ArchiveEntry): Promise<void> {
    const { config, target } = this.#parts
    const bytes = await bytesOf(entry)
    this.#note(names.secret, bytes)
    writeFileSync(join(target.folder, 'secret'), bytes, { mode: 0o600, flush: true })
    const secret = makeSecret(config.server.secret ?? bytes.toString())
    const clock = { now: () => new Date() }
    this.#storage = await openStorage(config, { dataDir: target.folder, secret, clock })
  }

  async #takeMedia(entry: ArchiveEntry): Promise<void> {
    if (!this.#storage) throw damaged(this.#parts.input.file)
    const hash = createHash('sha256')
    await mediaWriter(this.#storage).write(entry.name.slice(names.media.length), {
      ...entry,
      body: hashed(entry.body, hash),
    })
    this.#sums.set(entry.name, hash.digest('hex'))
    this.#media++
  }

  #note(name: string, bytes: Uint8Array): void {
    this.#sums.set(name, createHash('sha256').update(bytes).digest('hex'))
  }

  /** Everything that the manifest names is there and as it should be; the rows are committed. */
  async finish(): Promise<RestoreSummary> {
    const { file } = this.#parts.input
    if (!this.#about || !this.#intake || !this.#manifest) throw damaged(file)
    const { head, lines } = this.#manifest
    const differing = lines.filter(([name, , sha256]) => this.#sums.get(name) !== sha256).map(([name]) => name)
    // The sum of the whole file was right: such media were damaged where they were backed up.
    const broken = differing.filter((name) => name.startsWith(names.media) && this.#sums.has(name))
    const isWhole = Object.entries(head.counts).every(([name, count]) => count === (this.#counts[name] ?? 0))
    if (broken.length < differing.length || lines.length !== this.#sums.size || !isWhole) throw damaged(file)
    await this.#intake.forget(head.missing)
    await this.#intake.finish({ lastEventId: this.#about.lastEventId })
    this.#intake = undefined
    return {
      about: this.#about,
      rows: Object.values(this.#counts).reduce((sum, one) => sum + one, 0),
      media: this.#media,
      missing: head.missing.length,
      broken: broken.map((name) => name.slice(names.media.length)),
    }
  }

  async abort(): Promise<void> {
    await this.#intake?.abort()
  }
}

async function* hashed(body: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const piece of body) {
    hash.update(piece)
    yield piece
  }
}

function readManifest(text: string): { head: ManifestHead; lines: ManifestLine[] } {
  const [first = '', ...rest] = text.trimEnd().split('\n')
  return {
    head: manifestHead.parse(JSON.parse(first)),
    lines: rest.map((line) => manifestLine.parse(JSON.parse(line))),
  }
}
