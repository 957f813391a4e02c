import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { encodeCursor } from '../../server/src/lib/cursor.ts'
import type { Bench } from './figure.ts'
import { seedAds } from './seed.ts'
import { makeTenant, type Place, withDb } from './tenant.ts'

/** A tenant with so many ads, its key, and pages all over its list. */
export type Shelf = {
  readonly tenantId: string
  readonly count: number
  readonly key: string
  readonly pages: readonly PageStart[]
}
/** What a page begins behind. */
export type PageStart = { readonly position: number; readonly cursor: string }

const pageCount = 50
const limit = 50

/** Fills one database with a tenant per size. */
export async function makeLibrary(bench: Bench, place: Place, sizes: readonly number[]): Promise<Shelf[]> {
  const shelves: Shelf[] = []
  for (const count of sizes) {
    const tenantId = `shelf-${count}`
    const started = performance.now()
    const key = await makeTenant(place, tenantId)
    await withDb(place, (db) => seedAds(db, { tenantId, count }))
    bench.say(`wrote ${count} ads in ${((performance.now() - started) / 1000).toFixed(1)} s`)
    shelves.push({ tenantId, count, key, pages: pagesOf(count) })
  }
  return shelves
}

let sqlite: { readonly place: Place; readonly shelves: readonly Shelf[] } | undefined

/** Three tenants, each ten times the one before, in one SQLite file; made once for all figures that read it. */
export async function sqliteLibrary(bench: Bench): Promise<{ place: Place; shelves: readonly Shelf[] }> {
  if (sqlite) return sqlite
  const folder = mkdtempSync(join(tmpdir(), 'marquee-bench-library-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const place = { dataDir: join(folder, 'data') }
  sqlite = { place, shelves: await makeLibrary(bench, place, librarySizes(bench)) }
  return sqlite
}

export function librarySizes({ quick }: Bench): [number, number, number] {
  return quick ? [100, 1_000, 10_000] : [1_000, 10_000, 100_000]
}

/** From the first to the last full page; `seedAds` numbers positions from 1. */
function pagesOf(count: number): PageStart[] {
  const step = (count - limit) / (pageCount - 1)
  return Array.from({ length: pageCount }, (_, at) => {
    const position = Math.round(at * step)
    return { position, cursor: encodeCursor([position, '']) }
  })
}

/** The address of a query of the API. */
export function queryUrl(url: string, procedure: string, input: object): string {
  return `${url}/trpc/${procedure}?input=${encodeURIComponent(JSON.stringify(input))}`
}
