import type { Command } from 'commander'

export function addUserCommands(program: Command): void {
  const user = program.command('user').description('Makes and lists accounts of people')
  user
    .command('create')
    .description('Makes an account, or gives one that exists a role in one more tenant')
    .argument('<email>', 'with which the person signs in')
    .option('--tenant <id>', 'the tenant they belong to')
    .option('--role <role>', 'owner, editor or viewer', 'owner')
    .option('--name <name>', 'their name; else the part of the address before @')
    .option('--password <password>', 'at least 10 characters; else one is made and printed, alone on stdout, once')
    .option('--operator', 'may manage the whole installation', false)
    .addHelpText(
      'after',
      '\nExample:\n  marquee user create ada@example.com --tenant client_001 --role owner --name Ada',
    )
    .action(createUserCommand)
  user
    .command('list')
    .description('Lists all accounts with their tenants and roles')
    .option('--json', 'as JSON', false)
    .addHelpText('after', '\nExample:\n  marquee user list')
    .action(listUsersCommand)
}

type CreateOptions = { tenant?: string; role: string; name?: string; password?: string; operator: boolean }

async function createUserCommand(email: string, options: CreateOptions): Promise<void> {
  const { parseNewUser } = await import('./user.input.ts')
  const input = parseNewUser(email, options)
  const [{ createUser }, { operatorFor, withDeps }, { printLine, printNote }, { newToken }] = await Promise.all([
    import('../features/accounts/people.usecases.ts'),
    import('./with-deps.ts'),
    import('./print.ts'),
    import('../lib/secret.ts'),
  ])
  const made = newToken().slice(0, 20)
  const { existed } = await withDeps((deps) =>
    createUser(deps, operatorFor(input.tenant ?? ''), { ...input, spare: made }),
  )
  const where = input.role ? ` as ${input.role} in "${input.tenant}"` : ''
  printNote(
    existed
      ? `"${input.email}" had an account already and is now there${where}`
      : `Made the account "${input.email}"${where}`,
  )
  if (existed || input.password !== undefined) return
  printNote('Their password, shown this once:')
  printLine(made)
}

async function listUsersCommand({ json }: { json: boolean }): Promise<void> {
  const [{ listPeople }, { withDeps }, { printList }] = await Promise.all([
    import('../features/accounts/people.usecases.ts'),
    import('./with-deps.ts'),
    import('./print.ts'),
  ])
  const people = await withDeps(listPeople)
  const rows = people.map(({ email, name, operator, roles }) => ({
    email,
    name,
    operator: operator ? 'yes' : 'no',
    tenants: roles.map(({ tenantId, role }) => `${tenantId}:${role}`).join(' ') || null,
  }))
  printList(rows, { json, columns: ['email', 'name', 'operator', 'tenants'] })
}
