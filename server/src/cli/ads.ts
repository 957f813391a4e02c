import process from 'node:process'
import type { Command } from 'commander'

export function addAdCommands(program: Command): void {
  const ads = program.command('ads').description('Lists, uploads and deletes ads')
  ads
    .command('list')
    .description('Lists the ads of a tenant in the order of the loop')
    .requiredOption('--tenant <id>', 'the tenant')
    .option('--search <words>', 'those that have these words')
    .option('--tag <tag>', 'those with this tag')
    .option('--state <state>', 'live, off, waiting or over')
    .option('--limit <number>', 'so many at most, 1 to 100', '50')
    .option('--cursor <cursor>', 'goes on where a page ended')
    .option('--all', 'every page', false)
    .option('--json', 'as JSON, with every field', false)
    .addHelpText('after', '\nExample:\n  marquee ads list --tenant client_001 --search coffee')
    .action(listAdsCommand)
  ads
    .command('upload')
    .description('Uploads films and pictures as ads')
    .argument('<paths...>', 'files, or folders whose films and pictures are taken')
    .requiredOption('--tenant <id>', 'the tenant')
    .option('--title <title>', 'of one file; else the name of the file')
    .option('--tags <list>', 'separated by commas')
    .addHelpText('after', '\nExample:\n  marquee ads upload --tenant client_001 --tags "summer,window" ./ads')
    .action(uploadAdsCommand)
  ads
    .command('delete')
    .description('Deletes ads; the panel can bring them back for half a minute')
    .argument('<ids...>', 'their ids, from "marquee ads list"')
    .requiredOption('--tenant <id>', 'the tenant')
    .option('--yes', 'does not ask', false)
    .addHelpText(
      'after',
      '\nExample:\n  marquee ads delete --tenant client_001 --yes 01a20f55-ad9d-7462-90f5-c3e6a79993ed',
    )
    .action(deleteAdsCommand)
}

type ListOptions = {
  tenant: string
  search?: string
  tag?: string
  state?: string
  limit: string
  cursor?: string
  all: boolean
  json: boolean
}

async function listAdsCommand({ tenant, all, json, limit, ...filters }: ListOptions): Promise<void> {
  const { listAds: schema } = await import('@marquee/shared/ads.ts')
  const input = schema.parse({ ...filters, limit: Number(limit) })
  const [{ listAds }, { withTenant }, { printJson, printList, printNote }] = await Promise.all([
    import('../features/ads/ads.list.usecases.ts'),
    import('./with-deps.ts'),
    import('./print.ts'),
  ])
  const { items, nextCursor } = await withTenant(tenant, async (deps, actor) => {
    const found = await listAds(deps, actor, input)
    while (all && found.nextCursor !== null) {
      const page = await listAds(deps, actor, { ...input, cursor: found.nextCursor })
      found.items.push(...page.items)
      found.nextCursor = page.nextCursor
    }
    return found
  })
  if (json) printJson(items)
  else {
    const rows = items.map(({ id, title, state, tags, asset }) => ({
      id,
      title,
      state,
      kind: asset.kind,
      file: asset.fileName,
      tags: tags.join(',') || null,
    }))
    printList(rows, { json, columns: ['id', 'title', 'state', 'kind', 'file', 'tags'] })
  }
  if (nextCursor !== null) printNote(`There are more. Add --all, or --cursor ${nextCursor}`)
}

type UploadOptions = { tenant: string; title?: string; tags?: string }

async function uploadAdsCommand(paths: string[], { tenant, title, tags }: UploadOptions): Promise<void> {
  const [{ adDraft }, { UsageError }, { findMedia, uploadAll }, { withTenant }] = await Promise.all([
    import('@marquee/shared/ads.ts'),
    import('./explain.ts'),
    import('./ads.upload.ts'),
    import('./with-deps.ts'),
  ])
  const list = tags?.split(',').map((tag) => tag.trim())
  const draft = adDraft.parse({ ...(title !== undefined && { title }), ...(list && { tags: list.filter(Boolean) }) })
  const files = await findMedia(paths)
  if (files.length === 0) throw new UsageError('There are no films or pictures. Name files, or a folder that has some')
  if (title !== undefined && files.length > 1)
    throw new UsageError(`--title is for one file, and there are ${files.length}. Leave it out`)
  const failed = await withTenant(tenant, (deps, actor) => uploadAll(deps, actor, { files, draft }))
  if (failed > 0) process.exitCode = 1
}

async function deleteAdsCommand(ids: string[], { tenant, yes }: { tenant: string; yes: boolean }): Promise<void> {
  const { removeMany: schema } = await import('@marquee/shared/ads.ts')
  const input = schema.parse({ ids })
  const [{ getAd }, { removeMany }, { withTenant }, { printLine, printNote }, { ask }] = await Promise.all([
    import('../features/ads/ads.usecases.ts'),
    import('../features/ads/ads.many.usecases.ts'),
    import('./with-deps.ts'),
    import('./print.ts'),
    import('./ask.ts'),
  ])
  await withTenant(tenant, async (deps, actor) => {
    const titles: string[] = []
    for (const id of input.ids) titles.push((await getAd(deps, actor, { id })).title)
    const named = titles.map((title) => `"${title}"`).join(', ')
    if (!yes && !(await ask(`Delete ${named}?`))) return printNote('Nothing was deleted')
    await removeMany(deps, actor, input)
    printLine(`Deleted ${named}`)
  })
}
