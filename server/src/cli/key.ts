import type { Command } from 'commander'

export function addKeyCommands(program: Command): void {
  const key = program.command('key').description('Makes, lists and revokes API keys of agents and scripts')
  key
    .command('create')
    .description('Makes a key and prints it, alone on stdout, once')
    .requiredOption('--tenant <id>', 'the tenant it acts for')
    .requiredOption(
      '--scopes <list>',
      'separated by commas: ads:read, ads:write, screens:read, screens:write, activity:read',
    )
    .option('--name <name>', 'to tell it from others', 'Made on the command line')
    .option('--for <purpose>', 'agent or script', 'script')
    .option('--expires <time>', 'when it ends, e.g. 2027-01-31 or 2027-01-31T12:00:00Z; else never')
    .addHelpText(
      'after',
      '\nExample:\n  marquee key create --tenant client_001 --scopes ads:read,ads:write --name "Till"',
    )
    .action(createKeyCommand)
  key
    .command('list')
    .description('Lists the keys of a tenant that hold')
    .requiredOption('--tenant <id>', 'the tenant')
    .option('--json', 'as JSON', false)
    .addHelpText('after', '\nExample:\n  marquee key list --tenant client_001')
    .action(listKeysCommand)
  key
    .command('revoke')
    .description('Ends a key at once, also in a running server')
    .argument('<id>', 'its id, from "marquee key list"')
    .addHelpText('after', '\nExample:\n  marquee key revoke 01a20f55-ad9d-7462-90f5-c3e6a79993ed')
    .action(revokeKeyCommand)
}

type CreateOptions = { tenant: string; scopes: string; name: string; for: string; expires?: string }

async function createKeyCommand({ tenant, scopes, name, for: purpose, expires }: CreateOptions): Promise<void> {
  const { createKey: schema } = await import('@marquee/shared/keys.ts')
  const list = scopes.split(',').map((scope) => scope.trim())
  const input = schema.parse({
    name,
    scopes: list.filter(Boolean),
    purpose,
    expiresAt: expires === undefined ? null : instantOf(expires),
  })
  const [{ createKey }, { getTenant }, { operatorFor, withDeps }, { printLine, printNote }] = await Promise.all([
    import('../features/keys/keys.usecases.ts'),
    import('../features/tenants/tenants.usecases.ts'),
    import('./with-deps.ts'),
    import('./print.ts'),
  ])
  const { key, secret } = await withDeps(async (deps) => {
    await getTenant(deps, operatorFor(tenant))
    return createKey(deps, operatorFor(tenant), input)
  })
  printNote(`Made the key "${key.name}" (${key.id}) for "${tenant}". It is shown this once:`)
  printLine(secret)
}

async function listKeysCommand({ tenant, json }: { tenant: string; json: boolean }): Promise<void> {
  const [{ listKeys }, { getTenant }, { operatorFor, withDeps }, { printList }] = await Promise.all([
    import('../features/keys/keys.usecases.ts'),
    import('../features/tenants/tenants.usecases.ts'),
    import('./with-deps.ts'),
    import('./print.ts'),
  ])
  const { items } = await withDeps(async (deps) => {
    await getTenant(deps, operatorFor(tenant))
    return listKeys(deps, operatorFor(tenant))
  })
  const rows = items.map(({ id, prefix, name, scopes, purpose, createdAt, lastUsedAt, expiresAt }) => ({
    id,
    prefix,
    name,
    scopes: scopes.join(','),
    purpose,
    createdAt,
    lastUsedAt,
    expiresAt,
  }))
  printList(rows, { json, columns: ['id', 'prefix', 'name', 'scopes', 'lastUsedAt', 'expiresAt'] })
}

async function revokeKeyCommand(id: string): Promise<void> {
  const [{ getKeyTenant, revokeKey }, { operatorFor, withDeps }, { printLine }] = await Promise.all([
    import('../features/keys/keys.usecases.ts'),
    import('./with-deps.ts'),
    import('./print.ts'),
  ])
  await withDeps(async (deps) => revokeKey(deps, operatorFor(await getKeyTenant(deps, id)), { id }))
  printLine(`Revoked the key "${id}"`)
}

/** What is no time stays as it is, for the schema to refuse. */
function instantOf(text: string): string {
  const time = new Date(text)
  return Number.isNaN(time.getTime()) ? text : time.toISOString()
}
