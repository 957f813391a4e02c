#!/usr/bin/env node
// The entry of every `npm run …` of this repository. It and the modules beside it run on any Node >= 20: they bring the
// pinned tools, then run everything else under the pinned Node.
import { installPackages } from './toolchain.mjs'

const commands = {
  start: () => import('./start.mjs'),
  test: () => import('./test.mjs'),
  check: () => import('./check.mjs'),
  demo: () => import('./demo.mjs'),
  bench: () => import('./bench.mjs'),
  build: () => import('./build.mjs'),
  dev: () => import('./dev.mjs'),
  'db-generate': () => import('./db-generate.mjs'),
  marquee: () => import('./marquee.mjs'),
}

const [name = '', ...args] = process.argv.slice(2)
const load = Object.hasOwn(commands, name) ? commands[name] : undefined
if (!load) {
  console.error(`No command "${name}". There are: ${Object.keys(commands).join(', ')}`)
  process.exit(64)
}

try {
  await installPackages()
  const { main } = await load()
  process.exitCode = await main(args)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
