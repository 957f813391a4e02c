import { at } from './paths.mjs'
import { runNode } from './processes.mjs'

/** `npm run db:generate`: writes the migrations of both dialects from `server/src/db/tables.ts`. */
export async function main(args) {
  for (const dialect of ['sqlite', 'postgres']) {
    const code = await runNode(
      ['node_modules/drizzle-kit/bin.cjs', 'generate', `--config=drizzle.${dialect}.config.ts`, ...args],
      { cwd: at('server') },
    )
    if (code !== 0) return code
  }
  return 0
}
