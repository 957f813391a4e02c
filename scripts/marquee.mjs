import { buildStale } from './build.mjs'
import { runNode } from './processes.mjs'
import { serverArgs } from './server.mjs'

/** `npm run --silent marquee -- …`: the command line of the server, built if stale; stdout is the command's own. */
export async function main(args) {
  await buildStale({ only: args[0] === 'serve' ? undefined : ['server'] })
  return runNode(serverArgs(args))
}
