import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { relative, resolve } from 'node:path'
import { buildStale } from './build.mjs'
import { at, root } from './paths.mjs'
import { readFrom, runNode, toolEnv } from './processes.mjs'
import { serverArgs } from './server.mjs'
import { nodeBinary } from './toolchain.mjs'

const email = 'manager@example.com'

/**
 * `npm run demo`: fills a fresh data folder (`./data/demo`, or the one that is named) through the same doors as everybody:
 * the command line makes tenant, manager and key, the uploader sends the sample ads to a running server. With `--start` it serves it afterwards.
 */
export async function main(args) {
  const folder = resolve(root, args.find((arg) => !arg.startsWith('-')) ?? 'data/demo')
  const shown = shownPath(folder)
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    console.error(`The folder "${shown}" is not empty. Remove it, or name another: npm run demo -- ./data/other`)
    return 1
  }
  await buildStale()
  const port = await freePort()
  const settings = {
    MARQUEE_DATA_DIR: folder,
    MARQUEE_HOST: '127.0.0.1',
    MARQUEE_PORT: String(port),
    MARQUEE_LOG_LEVEL: 'warn',
  }
  const marquee = (...words) => readFrom(nodeBinary(), serverArgs(words), { env: settings })
  await marquee('tenant', 'create', 'client_001', '--name', 'Corner Shop · 街角小店')
  const password = await marquee(
    'user',
    'create',
    email,
    '--tenant',
    'client_001',
    '--role',
    'owner',
    '--name',
    'Demo Manager',
  )
  const key = await marquee(
    'key',
    'create',
    '--tenant',
    'client_001',
    '--scopes',
    'ads:read,ads:write',
    '--name',
    'npm run demo',
  )
  await withServer(settings, port, (url) =>
    readFrom(nodeBinary(), [at('scripts/demo-ads.ts')], { env: { DEMO_URL: url, DEMO_KEY: key } }),
  )
  await revokeKeys(marquee)
  const run = `MARQUEE_DATA_DIR=${shown} npm start`
  console.log(
    `Filled "${shown}": tenant client_001, three ads, one manager.\n  Email:    ${email}\n  Password: ${password}`,
  )
  if (args.includes('--start')) return runNode(serverArgs(['serve']), { env: { MARQUEE_DATA_DIR: folder } })
  console.log(`Start with it:\n  ${run}`)
  return 0
}

/** As one types it in the folder of the repository. */
function shownPath(folder) {
  const path = relative(root, folder)
  return path.startsWith('..') ? folder : `./${path}`
}

/** The key was for the uploads alone. */
async function revokeKeys(marquee) {
  for (const { id } of JSON.parse(await marquee('key', 'list', '--tenant', 'client_001', '--json')))
    await marquee('key', 'revoke', id)
}

async function withServer(settings, port, work) {
  const server = spawn(nodeBinary(), serverArgs(['serve']), {
    cwd: root,
    env: toolEnv(settings),
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = once(server, 'close')
  try {
    const url = `http://127.0.0.1:${port}`
    await answers(`${url}/healthz`, server)
    await work(url)
  } finally {
    server.kill('SIGTERM')
    await ended
  }
}

async function answers(url, server) {
  const deadline = Date.now() + 20_000
  while (Date.now() < deadline && server.exitCode === null) {
    const ok = await fetch(url).then(
      (answer) => answer.ok,
      () => false,
    )
    if (ok) return
    await new Promise((next) => setTimeout(next, 50))
  }
  throw new Error('The server of the demo did not start')
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address()
  probe.close()
  await once(probe, 'close')
  return port
}
