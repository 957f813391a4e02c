// Takes a file as the body of one PUT and streams it to the disk; `--sync` answers only when the disk has it.
import { createWriteStream } from 'node:fs'
import { createServer } from 'node:http'
import { basename, join } from 'node:path'
import process from 'node:process'
import { pipeline } from 'node:stream/promises'
import { listen } from './listen.ts'

const [folder = '.', mode] = process.argv.slice(2)

listen(
  createServer(async (request, response) => {
    const path = join(folder, basename(request.url ?? ''))
    try {
      await pipeline(request, createWriteStream(path, { flush: mode === '--sync' }))
      response.writeHead(204).end()
    } catch {
      response.writeHead(500).end()
    }
  }),
)
