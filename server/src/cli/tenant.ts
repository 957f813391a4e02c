import type { QuotaKind } from '@marquee/shared/tenants.ts'
import { type Command, InvalidArgumentError } from 'commander'
import { parseBytes } from '../lib/bytes.ts'

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
    .option('--bytes <size>', 'bytes of media, e.g. 10GB; "none" takes the limit away', readSize)
    .option('--ads <count>', 'ads', readCount)
    .option('--screens <count>', 'screens', readCount)
    .option('--keys <count>', 'API keys', readCount)
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

/** commander takes no null for the value of an option. */
type Limit = number | 'none'
type QuotaOptions = Partial<Record<QuotaKind, Limit>> & { json: boolean }

function readSize(text: string): Limit {
  const bytes = text === 'none' ? text : parseBytes(text)
  if (bytes === null) throw new InvalidArgumentError('It is a size, e.g. 10GB, or none')
  return bytes
}

function readCount(text: string): Limit {
  if (text === 'none') return text
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It is a whole number, or none')
  return Number(text)
}

async function quotaCommand(id: string, { json, ...given }: QuotaOptions): Promise<void> {
  const [{ setQuota: schema }, { setQuota }, { operatorFor, withDeps }, { printLine, printList }] = await Promise.all([
    import('@marquee/shared/tenants.ts'),
    import('../features/tenants/quota.usecases.ts'),
    import('./with-deps.ts'),
    import('./print.ts'),
  ])
  const limits = Object.entries(given).map(([kind, limit]) => [kind, limit === 'none' ? null : limit])
  const input = schema.parse({ id, ...Object.fromEntries(limits) })
  const usage = await withDeps((deps) => setQuota(deps, operatorFor(input.id), input))
  if (json) return printLine(JSON.stringify(usage, null, 2))
  const rows = Object.entries(usage).map(([what, { used, limit }]) => ({
    what,
    used: String(used),
    limit: limit === null ? null : String(limit),
  }))
  printList(rows, { json: false, columns: ['what', 'used', 'limit'] })
}
