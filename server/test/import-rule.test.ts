import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, expect, test } from 'vitest'

const repository = join(import.meta.dirname, '../..')
// Symbolic links in the temporary folder's own path would make every file look foreign.
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'marquee-imports-')))

/** The part of the tool's settings that is read here. */
type Rules = { default: { forbidden: { name: string }[] } }
type Violation = { from: string; rule: { name: string } }
let violations: Violation[] = []

/** One purposely wrong import per line: the rule that must catch it, the file, what it imports. */
const wrong: [rule: string, from: string, to: string][] = [
  ['shared-is-the-bottom', 'shared/src/wrong.ts', '../../server/src/access.ts'],
  ['clients-know-types-only', 'panel/src/wrong-code.ts', '../../server/src/router.ts'],
  ['clients-know-the-router-only', 'player/src/wrong-deep.ts', '../../server/src/access.ts'],
  ['clients-apart', 'panel/src/wrong-neighbour.ts', '../../player/src/main.ts'],
  ['ports-stand-alone', 'server/src/storage/wrong.ts', '../features/ads/ads.usecases.ts'],
  ['features-stay-inside', 'server/src/features/ads/wrong-up.usecases.ts', '../../app.ts'],
  ['one-door-per-feature', 'server/src/features/ads/wrong-door.usecases.ts', '../screens/screens.queries.ts'],
  ['sql-in-queries', 'server/src/features/ads/wrong-sql.usecases.ts', 'drizzle-orm'],
  ['procedures-call-usecases', 'server/src/features/ads/wrong.procedures.ts', './ads.queries.ts'],
  ['adapters-are-chosen-at-the-door', 'server/src/http/wrong.ts', '../storage/local.ts'],
  ['runtime-apart', 'server/src/features/ads/wrong-node.usecases.ts', 'node:fs'],
]

/** The right way to the same ends, and what wrong imports point at. */
const right: Record<string, string> = {
  'shared/src/ads.ts': 'export const limit = 1',
  'server/src/access.ts': 'export const access = 1',
  'server/src/router.ts': 'export type AppRouter = 1; export const router = 1',
  'server/src/app.ts': "import './router.ts'; export const app = 1",
  'server/src/storage/storage.ts': 'export type Storage = 1',
  'server/src/storage/local.ts':
    "import 'node:fs'; import type { Storage } from './storage.ts'; export const local: Storage = 1",
  'server/src/runtime/node.ts': "import '../app.ts'; import '../storage/local.ts'; import 'node:http'",
  'server/src/features/ads/ads.queries.ts': "import 'drizzle-orm'; export const find = 1",
  'server/src/features/ads/ads.usecases.ts':
    "import './ads.queries.ts'; import '../screens/screens.usecases.ts'; import '../../../../shared/src/ads.ts'; export const get = 1",
  'server/src/features/ads/ads.procedures.ts': "import './ads.usecases.ts'",
  'server/src/features/screens/screens.queries.ts': 'export const find = 1',
  'server/src/features/screens/screens.usecases.ts': "import './screens.queries.ts'",
  'panel/src/client.ts':
    "import type { AppRouter } from '../../server/src/router.ts'; import '../../shared/src/ads.ts'; export type Client = AppRouter",
  'player/src/main.ts': "import type { AppRouter } from '../../server/src/router.ts'; export type Client = AppRouter",
  'server/tsconfig.json':
    '{ "compilerOptions": { "module": "nodenext", "allowImportingTsExtensions": true, "noEmit": true } }',
  'package.json': '{ "type": "module" }',
}

/** Two files that import each other; which one is named is the tool's choice. */
const circle: Record<string, string> = {
  'server/src/lib/circle-one.ts': "import './circle-two.ts'",
  'server/src/lib/circle-two.ts': "import './circle-one.ts'",
}

beforeAll(async () => {
  for (const [path, text] of [...Object.entries(right), ...Object.entries(circle)]) write(path, text)
  for (const [, from, to] of wrong) write(from, `import '${to}'`)
  const report = await cruise()
  violations = report.summary.violations
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each(wrong)('%s catches %s importing %s', (rule, from) => {
  expect(rulesBrokenBy(from)).toContain(rule)
})

test('no-circular catches two files that import each other', () => {
  expect(Object.keys(circle).flatMap(rulesBrokenBy)).toContain('no-circular')
})

test('the right way is free', () => {
  expect(Object.keys(right).flatMap(rulesBrokenBy)).toEqual([])
})

test('every rule has its wrong import here', async () => {
  // The file is plain JavaScript of that shape.
  const { default: rules } = (await import(join(repository, '.dependency-cruiser.mjs'))) as Rules
  expect(new Set(['no-circular', ...wrong.map(([rule]) => rule)])).toEqual(
    new Set(rules.forbidden.map(({ name }) => name)),
  )
})

function rulesBrokenBy(path: string): string[] {
  return violations.filter(({ from }) => from === path).map(({ rule }) => rule.name)
}

function write(path: string, text: string) {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), `${text}\n`)
}

/** Its exit code is the number of broken rules, so the report alone counts. */
function cruise(): Promise<{ summary: { violations: Violation[] } }> {
  const program = join(repository, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs')
  const args = [
    'shared',
    'server',
    'panel',
    'player',
    '--config',
    join(repository, '.dependency-cruiser.mjs'),
    '--output-type',
    'json',
  ]
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [program, ...args], { cwd: folder, maxBuffer: 2 ** 26 }, (_error, stdout, stderr) => {
      try {
        resolve(JSON.parse(stdout))
      } catch {
        reject(new Error(`dependency-cruiser gave no report:\n${stderr}`))
      }
    })
  })
}
