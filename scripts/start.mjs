import { buildStale } from './build.mjs'
import { at } from './paths.mjs'
import { runNode } from './processes.mjs'

/** `npm start`: builds what is stale and serves until Ctrl-C. Further arguments go to `marquee serve`. */
export async function main(args) {
  await buildStale()
  return runNode([at('server/dist/marquee.mjs'), 'serve', ...args])
}
