import { existsSync } from 'node:fs'
import process from 'node:process'
import { Command, CommanderError } from 'commander'
import packageFile from '../../package.json' with { type: 'json' }
import { addAdCommands } from './ads.ts'
import { addBackupCommands } from './backup.ts'
import { addDoctorCommand } from './doctor.ts'
import { addKeyCommands } from './key.ts'
import { addMcpCommand } from './mcp.ts'
import { addScreenCommands } from './screens.ts'
import { addServeCommand } from './serve.ts'
import { addTenantCommands } from './tenant.ts'
import { addUserCommands } from './user.ts'

/** Exit codes: 0 done, 1 refused, 2 used wrongly, 78 settings that do not fit (EX_CONFIG of sysexits.h). */
const exitUsage = 2

const program = new Command('marquee')
  .description('Marquee: ads on the screens of your shop. Commands work whether the server runs or not.')
  .version(packageFile.version)
  .exitOverride()
  .showHelpAfterError('Add --help to see how it is used')
  .configureOutput({
    outputError: (text, write) => write(text.replace(/^error: (.)/, (_, first: string) => first.toUpperCase())),
  })
  .addHelpText(
    'after',
    '\nExamples:\n  marquee serve\n  marquee tenant create client_001 --name "One"\n  marquee key create --tenant client_001 --scopes ads:read,ads:write',
  )

addServeCommand(program)
addTenantCommands(program)
addUserCommands(program)
addKeyCommands(program)
addMcpCommand(program)
addAdCommands(program)
addScreenCommands(program)
addBackupCommands(program)
addDoctorCommand(program)

// What is set already wins over the file.
if (existsSync('.env')) process.loadEnvFile('.env')

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : exitUsage
  else {
    const { explain } = await import('./explain.ts')
    const { text, code } = explain(error)
    process.stderr.write(`${text}\n`)
    process.exitCode = code
  }
}
