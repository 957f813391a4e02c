// Writes docs/settings.md from the settings that the server knows; with --check only says whether it is fresh.
import { readFileSync, writeFileSync } from 'node:fs'
import { listSettings } from '../server/src/config.ts'
import type { Setting } from '../server/src/lib/settings.ts'

const target = new URL('../docs/settings.md', import.meta.url)
const wanted = page()
if (process.argv.includes('--check')) {
  if (current() !== wanted) {
    console.error('docs/settings.md is stale. Write it anew: node scripts/generate-docs.ts')
    process.exitCode = 1
  }
} else {
  writeFileSync(target, wanted)
}

function page(): string {
  return `${[
    '# Settings',
    '',
    'Generated from the program by `scripts/generate-docs.ts`; do not edit.',
    '',
    'Settings are environment variables, or lines `NAME=value` of a file `.env` in the folder where Marquee starts; the environment wins.',
    'They are read once at start. If any does not fit, or a name that starts with `MARQUEE_` is unknown, all problems are listed and the program ends with exit code 78.',
    '',
    '| name | default | what it does |',
    '|---|---|---|',
    ...listSettings().map(row),
  ].join('\n')}\n`
}

function row({ env, doc, schema, secret }: Setting): string {
  const parsed = schema.safeParse(undefined)
  const value = parsed.success ? parsed.data : undefined
  const shown =
    value === undefined || value === '' || (Array.isArray(value) && value.length === 0) ? '' : `\`${String(value)}\``
  return `| \`${env}\` | ${shown} | ${doc.replaceAll('|', '\\|')}${secret ? ' (secret)' : ''} |`
}

function current(): string {
  try {
    return readFileSync(target, 'utf8')
  } catch {
    return ''
  }
}
