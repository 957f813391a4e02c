import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../config.ts'
import { makeSecret } from '../../lib/secret.ts'
import { openStorage } from '../../storage/open-storage.ts'
import { type Finding, fail, ok, sentenceOf } from './finding.ts'

/** Whether it takes and gives bytes, and has those of the newest media. */
export async function checkStorage(config: Config, dataDir: string, keys: readonly string[]): Promise<Finding[]> {
  if (config.media.storageType === 'local' && !existsSync(join(dataDir, 'media')))
    return keys.length > 0
      ? [fail('storage', `There is no folder "media" in "${dataDir}", but ads name files in it. Restore a backup`)]
      : [ok('storage', 'There is none yet; the first start makes it')]
  try {
    // Nothing is signed here.
    const secret = makeSecret('doctor')
    const storage = await openStorage(config, { dataDir, secret, clock: { now: () => new Date() } })
    await storage.ping()
    const lost: string[] = []
    for (const key of keys) if (!(await storage.head(key))) lost.push(key)
    const [first] = lost
    if (first !== undefined)
      return [
        fail(
          'storage',
          `${lost.length} of the newest ${keys.length} files are not there, e.g. "${first}". Restore a backup`,
        ),
      ]
    return [ok('storage', `It takes and gives bytes; the newest ${keys.length} files are there`)]
  } catch (error) {
    return [fail('storage', `It can't be used: ${sentenceOf(error)}`)]
  }
}
