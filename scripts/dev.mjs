import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { buildStale } from './build.mjs'
import { at } from './paths.mjs'
import { toolEnv } from './processes.mjs'
import { nodeBinary, say } from './toolchain.mjs'

/**
 * `npm run dev`: the server from its sources, started again at each change, and the panel from Vite, which passes
 * everything else to the server. The player is the built one. Ends when either ends.
 */
export async function main(args) {
  await buildStale({ only: ['player'] })
  say('The panel with changes as you make them: http://localhost:5173/')
  const programs = [
    start([at('server/src/cli/marquee.ts'), 'serve', ...args], { watch: true }),
    start([at('panel/node_modules/vite/bin/vite.js'), 'dev'], { cwd: at('panel') }),
  ]
  // Ctrl-C reaches the two through the terminal; a signal to this process alone is passed on.
  const stop = () => {
    for (const program of programs) program.kill('SIGTERM')
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop)
  const ends = programs.map((program) => once(program, 'close'))
  const [code] = await Promise.race(ends)
  stop()
  await Promise.all(ends)
  return code ?? 0
}

function start(args, { watch = false, ...options }) {
  return spawn(nodeBinary(), [...(watch ? ['--watch', '--watch-preserve-output'] : []), ...args], {
    stdio: 'inherit',
    env: toolEnv(),
    ...options,
  })
}
