import { execFile } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { newDataDir, ProgramEnded, type ProgramOptions, startProgram } from '../program.ts'

/** Starts the program where it can't, and gives its exit code and words. */
async function failToStart(options: ProgramOptions): Promise<{ code: number | null; text: string }> {
  try {
    await using program = await startProgram(options)
    return { code: null, text: `It started: ${program.url}` }
  } catch (error) {
    if (error instanceof ProgramEnded) return { code: error.code, text: error.message }
    throw error
  }
}

it('names every wrong setting at once, unknown ones too, and exits with 78', async () => {
  const { code, text } = await failToStart({
    env: {
      MARQUEE_PORT: '70000',
      MARQUEE_PUBLIC_URL: 'ftp://x',
      DATABASE_URL: 'mysql://x',
      MARQUEE_SECRET: 'short',
      MARQUEE_COLOUR: 'blue',
      MARQUEE_LOG_LEVEL: 'loud',
    },
  })
  expect(code).toBe(78)
  for (const name of [
    'MARQUEE_PORT="70000"',
    'MARQUEE_PUBLIC_URL="ftp://x"',
    'DATABASE_URL',
    'MARQUEE_SECRET',
    'MARQUEE_COLOUR: no such setting',
    'MARQUEE_LOG_LEVEL="loud"',
  ]) {
    expect(text).toContain(name)
  }
  expect(text).not.toContain('mysql://x')
  expect(text).not.toContain('short"')
})

it('says which port is taken and what to do', async () => {
  const blocker = createServer()
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve))
  const address = blocker.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const { code, text } = await failToStart({ port })
  blocker.close()
  expect(code).toBe(1)
  expect(text).toContain(`Port ${port} is taken. Stop the other program, or set MARQUEE_PORT to a free one`)
})

it('says that the data folder can not be written', async () => {
  // A file where the folder should be stops root too, which no mode bits do.
  const file = join(mkdtempSync(join(tmpdir(), 'marquee-start-')), 'file')
  writeFileSync(file, '')
  const { code, text } = await failToStart({ dataDir: join(file, 'data') })
  expect(code).toBe(78)
  expect(text).toMatch(/MARQUEE_DATA_DIR=".*": the folder can't be written \(ENOTDIR\)/)
})

it('refuses a database of a newer version with a sentence', async () => {
  const dataDir = newDataDir()
  await (await startProgram({ dataDir })).stop()
  const database = new Database(join(dataDir, 'marquee.db'))
  database.prepare('INSERT INTO __migrations (created_at, hash) VALUES (?, ?)').run(Date.now() + 1e12, 'future')
  database.close()
  const { code, text } = await failToStart({ dataDir })
  expect(code).toBe(1)
  expect(text).toContain('The database was made by a newer Marquee')
})

it('keeps its secret in a file that only its user can read', async () => {
  const dataDir = newDataDir()
  await (await startProgram({ dataDir })).stop()
  const { stdout } = await promisify(execFile)('stat', ['-c', '%a', join(dataDir, 'secret')])
  expect(stdout.trim()).toBe('600')
})
