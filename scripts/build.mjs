import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { at, root } from './paths.mjs'
import { runStep, secondsSince } from './processes.mjs'
import { hashOf, nodeBinary, say } from './toolchain.mjs'

const notSources = new Set(['node_modules', 'build', 'dist', '.svelte-kit', 'test'])

/** What is built: from which folders, into which file as proof, how. */
const products = [
  {
    name: 'panel',
    inputs: ['panel', 'shared'],
    output: 'panel/build/index.html',
    build: () =>
      runStep('Building the panel', nodeBinary(), ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn'], {
        cwd: at('panel'),
      }),
  },
  {
    name: 'player',
    inputs: ['player', 'shared'],
    output: 'player/dist/index.html',
    build: () =>
      runStep('Building the player', nodeBinary(), ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn'], {
        cwd: at('player'),
      }),
  },
  {
    name: 'server',
    inputs: ['server', 'shared', 'scripts/build.mjs'],
    output: 'server/dist/marquee.mjs',
    build: buildServer,
  },
]

/** `npm run build`: builds what is stale; `--force` builds all. */
export async function main(args) {
  await buildStale({ force: args.includes('--force') })
  return 0
}

/** Builds what changed since the last build, judged by content. */
export async function buildStale({ force = false, only } = {}) {
  const wanted = products.filter(({ name }) => !only || only.includes(name))
  const results = await Promise.allSettled(wanted.map((product) => buildProduct(product, force)))
  const failed = results.find(({ status }) => status === 'rejected')
  if (failed) throw failed.reason
}

async function buildProduct({ name, inputs, output, build }, force) {
  const wanted = hashOf([...inputs.flatMap(sourcesIn), 'pnpm-lock.yaml'])
  const stamp = at('.cache', 'build', name)
  const fresh = existsSync(stamp) && existsSync(at(output)) && readFileSync(stamp, 'utf8') === wanted
  if (fresh && !force) return
  const started = performance.now()
  say(`Building the ${name} …`)
  await build()
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, wanted)
  say(`Built the ${name} in ${secondsSince(started)}`)
}

/**
 * One bundle, since the unbundled libraries cost 200 MB of memory. Native modules stay outside and are found in
 * `server/node_modules`; the migrations lie beside the bundle.
 */
async function buildServer() {
  const { build } = await import('esbuild')
  const { metafile } = await build({
    metafile: true,
    absWorkingDir: root,
    entryPoints: { marquee: 'server/src/cli/marquee.ts' },
    outdir: 'server/dist',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    external: ['better-sqlite3', 'sharp', 'pg-native'],
    // Libraries in CommonJS call `require`, which a module has not.
    banner: {
      js: "import { createRequire as marqueeRequire } from 'node:module'; const require = marqueeRequire(import.meta.url);",
    },
    legalComments: 'none',
    logLevel: 'silent',
  })
  const made = new Set(Object.keys(metafile.outputs).map((path) => basename(path)))
  for (const name of readdirSync(at('server/dist')))
    if (!made.has(name)) rmSync(at('server/dist', name), { recursive: true })
  cpSync(at('server/src/db/migrations'), at('server/dist/migrations'), { recursive: true })
}

/** Every source of a folder, or the one file, in a stable order. */
function sourcesIn(path) {
  if (path.endsWith('.mjs')) return [path]
  return readdirSync(at(path), { withFileTypes: true })
    .filter((entry) => !notSources.has(entry.name) && !entry.name.endsWith('.test.ts'))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? sourcesIn(join(path, entry.name)) : [join(path, entry.name)]))
}
