import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../../errors.ts'
import { DbError } from '../db.ts'

type Level = { readonly name: string; readonly when: number }

/** The migrations of a dialect in order, by the name that both dialects give them ("start", "search" …). */
export function schemaLevels(folder: string): Level[] {
  // Written by drizzle-kit.
  const journal = JSON.parse(readFileSync(join(folder, 'meta/_journal.json'), 'utf8')) as {
    entries: { when: number; tag: string }[]
  }
  return journal.entries.map(({ when, tag }) => ({ when, name: tag.replace(/^\d+_/, '') }))
}

/** The name of the newest migration of a database that is exactly at this program's state. */
export function currentLevel(folder: string, applied: readonly number[]): string {
  const levels = schemaLevels(folder)
  const newest = levels.at(-1)
  if (!newest || applied.some((when) => when > newest.when))
    throw new DbError('newer', 'The database was made by a newer Marquee. Use the command line of that version')
  if (levels.some(({ when }) => !applied.includes(when)))
    throw new AppError(
      'conflict',
      'The database is of an older Marquee. Make the backup with that version, or start this one once',
    )
  return newest.name
}

/** Up to which migration a database is brought to take the rows of a backup with this schema. */
export function levelOf(folder: string, schema: string): number {
  const level = schemaLevels(folder).findLast(({ name }) => name === schema)
  if (!level)
    throw new DbError('newer', 'The backup was made by a newer Marquee. Restore it with that version, or a later one')
  return level.when
}
