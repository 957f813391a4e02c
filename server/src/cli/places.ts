import { join } from 'node:path'

const here = import.meta.dirname
const fromSources = here.endsWith(join('src', 'cli'))
const root = join(here, fromSources ? '../../..' : '../..')

/** Where migrations and built pages lie, from the sources and from the bundle alike. */
export const places = {
  migrations: fromSources ? join(root, 'server/src/db/migrations') : join(here, 'migrations'),
  panel: join(root, 'panel/build'),
  player: join(root, 'player/dist'),
}
