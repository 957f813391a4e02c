// Fails if the JavaScript of a first page is over its budget: what the shell, the page and their static imports need.
import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const budget = 120 * 1024
const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const manifest = JSON.parse(readFileSync(join(root, '.svelte-kit/output/client/.vite/manifest.json'), 'utf8'))

/** Routes whose code counts as first page, with the files that Kit loads for each. */
const pages = {
  'sign-in': ['src/routes/+layout.svelte', 'src/routes/sign-in/+page.svelte', 'src/routes/+layout.ts'],
  ads: [
    'src/routes/+layout.svelte',
    'src/routes/(app)/+layout.svelte',
    'src/routes/(app)/+page.svelte',
    'src/routes/+layout.ts',
    'src/routes/(app)/+layout.ts',
  ],
}
/** Loaded at run time before anything is drawn. */
const always = ['src/lib/words/zh-CN.ts']

function collect(key, found = new Set()) {
  const chunk = manifest[key]
  if (!chunk || found.has(chunk.file)) return found
  found.add(chunk.file)
  for (const next of chunk.imports ?? []) collect(next, found)
  return found
}

const nodes = Object.keys(manifest).filter((key) => /generated\/build\/client(-optimized)?\/nodes\/\d+\.js$/.test(key))
const entries = Object.keys(manifest).filter((key) => manifest[key].isEntry && !nodes.includes(key))

let failed = false
for (const [page, sources] of Object.entries(pages)) {
  const files = new Set()
  for (const key of entries) collect(key, files)
  for (const key of nodes) {
    const text = readFileSync(join(root, normalize(key)), 'utf8')
    if (sources.some((source) => text.includes(`/${source}"`) || text.includes(`/${source}'`))) collect(key, files)
  }
  for (const key of always) collect(key, files)
  const bytes = [...files]
    .filter((file) => file.endsWith('.js'))
    .reduce(
      (sum, file) => sum + gzipSync(readFileSync(join(root, '.svelte-kit/output/client', file)), { level: 9 }).length,
      0,
    )
  const over = bytes > budget
  failed ||= over
  console.log(
    `${page}: ${(bytes / 1024).toFixed(1)} kB gzip in ${files.size} files, ${over ? 'over' : 'within'} ${budget / 1024} kB`,
  )
}
process.exit(failed ? 1 : 0)
