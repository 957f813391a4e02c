import process from 'node:process'
import { createInterface } from 'node:readline/promises'
import { UsageError } from './explain.ts'

/** Asks a person. On a pipe nobody would answer. */
export async function ask(question: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw new UsageError('Nobody is there to be asked. Add --yes to do it all the same')
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} (y/N) `)).trim())
  } finally {
    lines.close()
  }
}
