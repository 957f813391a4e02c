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
