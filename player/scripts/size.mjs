// Fails when the player's JavaScript is larger than a kiosk on a slow line should load, or newer than its browser.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const limit = 60_000
/** Kiosks run Chromium from version 94 on. The build lowers syntax, but not what is called. */
const tooNew =
  /structuredClone|AbortSignal\.(?:any|timeout)|withResolvers|fromAsync|\.(?:findLast|findLastIndex|toSorted|toReversed|toSpliced|isWellFormed)\(|(?:Object|Map)\.groupBy|Promise\.try|URL\.(?:parse|canParse)/

const folder = join(import.meta.dirname, '../dist')
const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.js'))
const sources = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
const total = sources.reduce((sum, source) => sum + gzipSync(source, { level: 9 }).length, 0)
console.log(`Player: ${total} of ${limit} bytes of JavaScript, gzipped`)

const called = sources.map((source) => tooNew.exec(source)?.[0]).find(Boolean)
const wrong = [
  names.length === 0 && 'Build the player first',
  total > limit && 'The player is too large. Look at what was added to its imports',
  called && `The player calls "${called}", which Chromium 94 does not have`,
].filter(Boolean)
for (const sentence of wrong) console.error(sentence)
if (wrong.length > 0) process.exit(1)
