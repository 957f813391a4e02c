import { at } from './paths.mjs'

/** Arguments for Node that run the built server. */
export const serverArgs = (args) => [at('server/dist/marquee.mjs'), ...args]
