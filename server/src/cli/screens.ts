import type { Command } from 'commander'

export function addScreenCommands(program: Command): void {
  const screens = program.command('screens').description('Lists screens')
  screens
    .command('list')
    .description('Lists the screens of a tenant: whether they are there, and what they show')
    .requiredOption('--tenant <id>', 'the tenant')
    .option('--json', 'as JSON, with every field', false)
    .addHelpText('after', '\nExample:\n  marquee screens list --tenant client_001')
    .action(listScreensCommand)
}

async function listScreensCommand({ tenant, json }: { tenant: string; json: boolean }): Promise<void> {
  const [{ listScreens }, { withTenant }, { printJson, printList, printNote }] = await Promise.all([
    import('../features/screens/screens.usecases.ts'),
    import('./with-deps.ts'),
    import('./print.ts'),
  ])
  const { items, revision, upToDate } = await withTenant(tenant, listScreens)
  if (json) {
    printJson(items)
    return
  }
  const rows = items.map(({ id, name, online, playing, revision: at, lastSeenAt, problem }) => ({
    id,
    name,
    online: online ? 'yes' : 'no',
    playing: playing?.title ?? null,
    revision: String(at),
    lastSeenAt,
    problem: problem?.reason ?? null,
  }))
  printList(rows, { json, columns: ['id', 'name', 'online', 'playing', 'revision', 'lastSeenAt', 'problem'] })
  if (items.length > 0) printNote(`${upToDate} of ${items.length} screens show the newest revision, ${revision}`)
}
