import { resolve } from 'node:path'
import { type Config, ConfigError, parseConfig } from '../../config.ts'
import { ensureWhole, findServer } from '../../runtime/folder-lock.ts'
import { lookAtDatabase } from './database.ts'
import { checkDisk, checkFolder } from './disk.ts'
import { type Finding, fail, ok } from './finding.ts'
import { askServer, checkClock, checkPort, checkServer } from './machine.ts'
import { checkStorage } from './storage.ts'

type Env = Record<string, string | undefined>
type Options = { readonly migrations: string; readonly now?: () => number }

/** Looks at everything that a server needs, whether it runs or not, and changes nothing. */
export async function examine(env: Env, options: Options): Promise<Finding[]> {
  let config: Config
  try {
    config = parseConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map((problem) => fail('settings', problem))
    throw error
  }
  return [ok('settings', 'All of them fit'), ...(await examineWith(config, options))]
}

async function examineWith(config: Config, { migrations, now = Date.now }: Options): Promise<Finding[]> {
  const dataDir = resolve(config.server.dataDir)
  const folder = [...checkFolder(dataDir), ...checkHalf(dataDir)]
  if (folder.some(({ state }) => state === 'fail')) return folder
  const server = findServer(dataDir)
  const serverDate = server?.url ? await askServer(server.url) : null
  const { findings, newestEvent, keys } = await lookAtDatabase({ config, dataDir, migrations })
  return [
    ...folder,
    ...checkDisk(dataDir),
    ...findings,
    ...(await checkStorage(config, dataDir, keys)),
    ...(await checkClock({ now, newestEvent, serverDate })),
    ...(await checkPort(config, server, serverDate)),
    ...checkServer(server),
  ]
}

function checkHalf(dataDir: string): Finding[] {
  try {
    ensureWhole(dataDir)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map((problem) => fail('folder', problem))
    throw error
  }
}
