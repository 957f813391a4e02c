import type { QuotaKind } from '@marquee/shared/tenants.ts'
import type { Command } from 'commander'

export function addTenantCommands(program: Command): void {
  const tenant = program.command('tenant').description('Makes and lists tenants (shops, brands)')
  tenant
    .command('create')
    .description('Makes a tenant')
    .argument('<id>', '2 to 50 of a-z, 0-9, _ and -; never changes')
    .requiredOption('--name <name>', 'its name, as people see it')
    .option('--time-zone <zone>', 'an IANA name', 'UTC')
    .addHelpText('after', '\nExample:\n  marquee tenant create client_001 --name "One" --time-zone Asia/Shanghai')
    .action(createTenantCommand)
  tenant
    .command('list')
    .description('Lists all tenants')
    .option('--json', 'as JSON', false)
    .addHelpText('after', '\nExample:\n  marquee tenant list --json')
    .action(listTenantsCommand)
  tenant
    .command('quota')
    .description('Shows what a tenant uses, or limits what it may have')
    .argument('<id>', 'the tenant')
    .option('--bytes <size>', 'bytes of media, e.g. 10GB; "none" takes the limit away')
    .option('--ads <count>', 'ads')
    .option('--screens <count>', 'screens')
    .option('--keys <count>', 'API keys')
    .option('--json', 'as JSON', false)
    .addHelpText(
      'after',
      '\nWhat a tenant has already stays; more is refused.\n\nExamples:\n  marquee tenant quota client_001\n  marquee tenant quota client_001 --bytes 10GB --ads 100\n  marquee tenant quota client_001 --ads none',
    )
    .action(quotaCommand)
}

async function createTenantCommand(id: string, { name, timeZone }: { name: string; timeZone: string }): Promise<void> {
  const { createTenant: schema } = await import('@marquee/shared/tenants.ts')
  const input = schema.parse({ id, name, timeZone })
  const [{ createTenant }, { operatorFor, withDeps }, { printLine }] = await Promise.all([
    import('../features/tenants/tenants.usecases.ts'),
    import('./with-deps.ts'),
    import('./print.ts'),
  ])
  const made = await withDeps((deps) => createTenant(deps, operatorFor(input.id), input))
  printLine(`Made the tenant "${made.id}"`)
}

async function listTenantsCommand({ json }: { json: boolean }): Promise<void> {
  const [{ listTenants }, { withDeps }, { printList }] = await Promise.all([
    import('../features/tenants/tenants.usecases.ts'),
    import('./with-deps.ts'),
    import('./print.ts'),
  ])
  const { items } = await withDeps(listTenants)
  const rows = items.map(({ id, name, timeZone, createdAt }) => ({ id, name, timeZone, createdAt }))
  printList(rows, { json, columns: ['id', 'name', 'timeZone', 'createdAt'] })
}

type QuotaOptions = Partial<Record<QuotaKind, string>> & { json: boolean }

async function quotaCommand(id: string, { json, ...given }: QuotaOptions): Promise<void> {
  const [{ setQuota: schema }, { setQuota }, { operatorFor, withDeps }, { printList }, { parseBytes }] =
    await Promise.all([
      import('@marquee/shared/tenants.ts'),
      import('../features/tenants/quota.usecases.ts'),
      import('./with-deps.ts'),
      import('./print.ts'),
      import('../lib/bytes.ts'),
    ])
  const limits = Object.entries(given).map(([kind, text]) => [
    kind,
    text === 'none' ? null : kind === 'bytes' ? (parseBytes(text) ?? text) : Number(text),
  ])
  const input = schema.parse({ id, ...Object.fromEntries(limits) })
  const usage = await withDeps((deps) => setQuota(deps, operatorFor(input.id), input))
  const rows = Object.entries(usage).map(([what, { used, limit }]) => ({
    what,
    used: String(used),
    limit: limit === null ? null : String(limit),
  }))
  printList(rows, { json, columns: ['what', 'used', 'limit'] })
}
