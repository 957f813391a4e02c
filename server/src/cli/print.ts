import process from 'node:process'
import { styleText } from 'node:util'

/** The result itself, for people and for pipes. */
export function printLine(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** What a person should know besides; a script that reads stdout does not get it. */
export function printNote(text: string): void {
  process.stderr.write(`${text}\n`)
}

export function printJson(value: unknown): void {
  printLine(JSON.stringify(value, null, 2))
}

/** A list as aligned columns, or with `json` as JSON. Colour follows NO_COLOR and the terminal. */
export function printList<T extends Record<string, string | null>>(
  rows: readonly T[],
  options: { readonly json: boolean; readonly columns: readonly (keyof T & string)[] },
): void {
  if (options.json) {
    printJson(rows)
    return
  }
  const table = [
    options.columns.map((name) => name.replace(/[A-Z]/g, ' $&').toUpperCase()),
    ...rows.map((row) => options.columns.map((name) => row[name] ?? '–')),
  ]
  const widths = options.columns.map((_, at) => Math.max(...table.map((cells) => (cells[at] ?? '').length)))
  for (const [at, cells] of table.entries()) {
    const text = cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
    printLine(at === 0 ? styleText('dim', text, { stream: process.stdout }) : text)
  }
}
