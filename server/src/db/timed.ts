import type { DbMeter } from './db.ts'

/** Times a read that answers at once, and counts it if it fails. */
export function timedSync<T>(meter: DbMeter, work: () => T): T {
  const started = performance.now()
  try {
    return work()
  } catch (error) {
    meter.databaseFailed(codeOf(error))
    throw error
  } finally {
    meter.queried('read', performance.now() - started)
  }
}

/** The same of one that answers later. */
export async function timed<T>(meter: DbMeter, kind: 'read' | 'write', work: () => Promise<T>): Promise<T> {
  const started = performance.now()
  try {
    return await work()
  } catch (error) {
    if (isOfDatabase(error)) meter.databaseFailed(codeOf(error))
    throw error
  } finally {
    meter.queried(kind, performance.now() - started)
  }
}

/** A rule that refused inside a transaction is no failure of the database; neither is a row that exists already. */
function isOfDatabase(error: unknown): boolean {
  return error instanceof Error && error.name === 'DbError' && codeOf(error) !== 'unique'
}

const known = new Set(['locked', 'full', 'unavailable'])

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'unique' || known.has(code)) return code
  return code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED') ? 'locked' : 'other'
}
