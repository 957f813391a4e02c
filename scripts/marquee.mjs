import { buildStale } from './build.mjs'
import { at } from './paths.mjs'
import { runNode } from './processes.mjs'

/** `npm run --silent marquee -- …`: the command line of the server, built if stale; stdout is the command's own. */
export async function main(args) {
  await buildStale({ only: args[0] === 'serve' ? undefined : ['server'] })
  return runNode([at('server/dist/marquee.mjs'), ...args])
}
