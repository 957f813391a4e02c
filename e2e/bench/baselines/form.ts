// Takes a form with busboy and streams its file to the disk, as most servers on Node do.
import { createWriteStream } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import process from 'node:process'
import { pipeline } from 'node:stream/promises'
import busboy from 'busboy'
import { listen } from './listen.ts'

const [folder = '.'] = process.argv.slice(2)

listen(
  createServer((request, response) => {
    const form = busboy({ headers: request.headers })
    const files: Promise<void>[] = []
    form.on('file', (_, file) => files.push(pipeline(file, createWriteStream(join(folder, 'film.mp4')))))
    form.once('close', async () => {
      await Promise.all(files)
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"success":true}')
    })
    form.once('error', () => response.writeHead(400).end())
    request.pipe(form)
  }),
)
