import { existsSync } from 'node:fs'
import { at } from './paths.mjs'

/** Arguments for Node that run the built server; a file `.env` in this folder adds settings, the environment wins. */
export function serverArgs(args) {
  const env = at('.env')
  return [...(existsSync(env) ? [`--env-file=${env}`] : []), at('server/dist/marquee.mjs'), ...args]
}
