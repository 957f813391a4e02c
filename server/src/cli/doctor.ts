import process from 'node:process'
import { styleText } from 'node:util'
import type { Command } from 'commander'

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('Looks at settings, folder, disk, database, storage, clock and port, and says what to do')
    .option('--json', 'as JSON', false)
    .addHelpText('after', '\nExample:\n  marquee doctor')
    .action(doctorCommand)
}

const signs = { ok: ['✓', 'green'], warn: ['!', 'yellow'], fail: ['✗', 'red'] } as const

async function doctorCommand({ json }: { json: boolean }): Promise<void> {
  const [{ examine }, { places }, { printJson, printLine }] = await Promise.all([
    import('./doctor/examine.ts'),
    import('./places.ts'),
    import('./print.ts'),
  ])
  const findings = await examine(process.env, places)
  if (json) printJson(findings)
  else
    for (const { check, state, text } of findings) {
      const [sign, colour] = signs[state]
      printLine(`${styleText(colour, sign, { stream: process.stdout })} ${check.padEnd(8)}  ${text}`)
    }
  if (findings.some(({ state }) => state === 'fail')) process.exitCode = 1
}
