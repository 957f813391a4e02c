// Serves the files of a folder with ranges and entity tags, as one would with `createReadStream`.
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { basename, extname, join } from 'node:path'
import process from 'node:process'
import { listen } from './listen.ts'

const [folder = '.'] = process.argv.slice(2)
const types: Record<string, string> = { '.mp4': 'video/mp4', '.jpg': 'image/jpeg' }

listen(
  createServer(async (request, response) => {
    const path = join(folder, basename(request.url ?? ''))
    const file = await stat(path).catch(() => null)
    if (!file) return response.writeHead(404).end()
    const etag = `"${file.size.toString(16)}-${Math.trunc(file.mtimeMs).toString(16)}"`
    const headers = { etag, 'accept-ranges': 'bytes', 'cache-control': 'public, max-age=31536000, immutable' }
    if (request.headers['if-none-match'] === etag) return response.writeHead(304, headers).end()
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
    const start = Number(first ?? 0)
    const end = last ? Math.min(Number(last), file.size - 1) : file.size - 1
    if (start > end) return response.writeHead(416, { 'content-range': `bytes */${file.size}` }).end()
    response.writeHead(first === undefined ? 200 : 206, {
      ...headers,
      'content-type': types[extname(path)] ?? 'application/octet-stream',
      'content-length': end - start + 1,
      ...(first !== undefined && { 'content-range': `bytes ${start}-${end}/${file.size}` }),
    })
    createReadStream(path, { start, end }).pipe(response)
  }),
)
