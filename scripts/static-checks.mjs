import { existsSync, mkdirSync } from 'node:fs'
import { at } from './paths.mjs'
import { runQuiet } from './processes.mjs'
import { step } from './steps.mjs'
import { nodeBinary } from './toolchain.mjs'

/** A tool of the workspace by its JavaScript file, so that it runs under the pinned Node. */
const tool = (title, file, args, options) => step(title, nodeBinary(), [at('node_modules', file), ...args], options)

const panelTypes = {
  title: 'types: panel',
  async run() {
    const sync = await runQuiet(nodeBinary(), [at('panel/node_modules/@sveltejs/kit/svelte-kit.js'), 'sync'], {
      cwd: at('panel'),
    })
    if (sync.code !== 0) return sync
    return runQuiet(
      nodeBinary(),
      [at('panel/node_modules/svelte-check/bin/svelte-check'), '--tsconfig', './tsconfig.json', '--fail-on-warnings'],
      { cwd: at('panel') },
    )
  },
}

/** Everything that is checked without running the program, the longest first. */
export function staticChecks() {
  mkdirSync(at('.cache'), { recursive: true })
  const sources = ['shared/src', 'server/src', 'panel/src', 'player/src'].filter((path) => existsSync(at(path)))
  return [
    // One program for all of them, since each would read the same libraries again.
    tool('types', 'typescript/bin/tsc', [
      '-p',
      '.',
      '--incremental',
      '--tsBuildInfoFile',
      at('.cache/tsc.tsbuildinfo'),
    ]),
    panelTypes,
    tool('import rule', 'dependency-cruiser/bin/dependency-cruiser.mjs', [
      ...sources,
      '--config',
      '.dependency-cruiser.mjs',
      '--output-type',
      'err',
    ]),
    tool('unused code', 'knip/bin/knip.js', ['--no-progress']),
    tool('format of .svelte files', 'prettier/bin/prettier.cjs', [
      '--check',
      'panel/src/**/*.svelte',
      '--no-error-on-unmatched-pattern',
      '--cache',
      '--cache-location',
      at('.cache/prettier'),
    ]),
    tool('lint and format', '@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '.']),
    step('generated documents are fresh', nodeBinary(), [at('scripts/generate-docs.ts'), '--check']),
  ]
}

/** What is checked of the built programs. */
export function builtChecks() {
  return ['panel', 'player']
    .filter((name) => existsSync(at(name, 'scripts/size.mjs')))
    .map((name) => step(`size of the ${name}`, nodeBinary(), [at(name, 'scripts/size.mjs')]))
}
