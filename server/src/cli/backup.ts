import { statSync } from 'node:fs'
import process from 'node:process'
import type { Command } from 'commander'

export function addBackupCommands(program: Command): void {
  program
    .command('backup')
    .description('Writes database, media and secret of this installation to one file, also while the server runs')
    .argument('<file>', 'the file to write; an older one of this name is replaced when the new one is complete')
    .option('--no-media', 'the database and the secret alone')
    .addHelpText('after', '\nExample:\n  marquee backup /backups/marquee.tar')
    .action(backupCommand)
  program
    .command('restore')
    .description('Puts a backup into an empty data folder (and an empty database), all of it or nothing')
    .argument('<file>', 'what "marquee backup" wrote')
    .addHelpText('after', '\nExample:\n  MARQUEE_DATA_DIR=/srv/marquee marquee restore /backups/marquee.tar')
    .action(restoreCommand)
}

async function backupCommand(file: string, { media }: { media: boolean }): Promise<void> {
  const [{ makeBackup }, { ownConfig, ensureSameVersion }, { places }, { printLine, printNote }, progress] =
    await Promise.all([
      import('./backup/make-backup.ts'),
      import('./with-deps.ts'),
      import('./places.ts'),
      import('./print.ts'),
      import('./progress.ts'),
    ])
  const config = ownConfig()
  ensureSameVersion(config)
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => stop.abort(new Error(`Stopped by ${signal}. Nothing was written`)))
  const bar = progress.makeProgress()
  const onProgress = (done: number, all: number) => bar.show('saved', done, all)
  const made = await makeBackup(config, places, { file, media, signal: stop.signal, onProgress }).finally(bar.end)
  if (made.deleted.length > 0) printNote(`${made.deleted.length} files were deleted meanwhile and are left out`)
  if (made.broken.length > 0)
    printNote(
      `The database names files that are lost or damaged:\n${made.broken.map((key) => `  ${key}`).join('\n')}\nThey are as they are in the backup, too. Upload them again`,
    )
  const size = progress.megabytes(statSync(file).size)
  printLine(
    `Wrote "${file}": ${made.rows} rows and ${made.media} files, ${size}. It holds the secret: keep it to yourself`,
  )
}

async function restoreCommand(file: string): Promise<void> {
  const [{ restoreBackup }, { ownConfig }, { places }, { printLine, printNote }, { makeProgress }] = await Promise.all([
    import('./backup/restore-backup.ts'),
    import('./with-deps.ts'),
    import('./places.ts'),
    import('./print.ts'),
    import('./progress.ts'),
  ])
  const config = ownConfig()
  const bar = makeProgress()
  const made = await restoreBackup(config, places, { file, onProgress: bar.show }).finally(bar.end)
  if (made.missing > 0) printNote(`${made.missing} files were not in the backup; the ads that show them are left out`)
  if (made.broken.length > 0)
    printNote(
      `Files that were damaged before the backup was made:\n${made.broken.map((key) => `  ${key}`).join('\n')}\nUpload them again`,
    )
  if (!made.about.media) printNote('The backup has no media. Put them into the storage before you start the server')
  if (config.server.secret !== undefined)
    printNote('MARQUEE_SECRET is set and is used instead of the secret of the backup')
  printLine(
    `Restored ${made.rows} rows and ${made.media} files of ${made.about.createdAt} into "${config.server.dataDir}"`,
  )
}
