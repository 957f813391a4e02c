// Fails when the player's JavaScript is larger than a kiosk on a slow line should load.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const limit = 60_000
const folder = join(import.meta.dirname, '../dist')
const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.js'))
const sizes = await Promise.all(
  names.map(async (name) => gzipSync(await readFile(join(folder, name)), { level: 9 }).length),
)
const total = sizes.reduce((sum, size) => sum + size, 0)
console.log(`Player: ${total} of ${limit} bytes of JavaScript, gzipped`)
if (names.length === 0 || total > limit) {
  console.error(
    names.length === 0 ? 'Build the player first' : 'The player is too large. Look at what was added to its imports',
  )
  process.exit(1)
}
