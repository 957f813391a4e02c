import { buildStale } from './build.mjs'
import { runNode } from './processes.mjs'
import { serverArgs } from './server.mjs'

/** `npm start`: builds what is stale and serves until Ctrl-C. Further arguments go to `marquee serve`. */
export async function main(args) {
  await buildStale()
  return runNode(serverArgs(['serve', ...args]))
}
