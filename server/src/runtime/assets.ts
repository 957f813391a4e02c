import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { extname, join, normalize } from 'node:path'
import { contentSecurityPolicy } from '../http/security.ts'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
}

type File = {
  readonly body: Uint8Array<ArrayBuffer>
  readonly etag: string
  readonly type: string
  readonly lasting: boolean
  /** Pages only: allows the scripts that the build put inside. */
  readonly policy: string | null
}

/**
 * The built panel (`/`) and player (`/player/`). Paths without a file are pages of the panel, which routes by itself.
 * Files whose name has a hash are kept for ever by browsers; pages are asked for each time.
 */
export function serveAssets(folders: {
  panel: string
  player: string
}): (request: Request) => Promise<Response | null> {
  const cache = new Map<string, File>()

  const load = async (path: string): Promise<File | null> => {
    const known = cache.get(path)
    if (known) return known
    const found = await stat(path).catch(() => null)
    if (!found?.isFile()) return null
    const body = new Uint8Array(await readFile(path))
    const file = {
      body,
      etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`,
      type: types[extname(path)] ?? 'application/octet-stream',
      policy: extname(path) === '.html' ? contentSecurityPolicy(inlineScripts(body)) : null,
      lasting: /[/\\](immutable|assets)[/\\]/.test(path),
    }
    cache.set(path, file)
    return file
  }

  return async (request) => {
    const path = decodePath(new URL(request.url).pathname)
    if (path === null) return null
    if (path === '/player') return new Response(null, { status: 308, headers: { location: '/player/' } })
    const file = path.startsWith('/player/')
      ? await load(join(folders.player, path === '/player/' ? 'index.html' : path.slice('/player/'.length)))
      : ((await load(join(folders.panel, path))) ??
        (extname(path) === '' ? await load(join(folders.panel, 'index.html')) : null))
    return file ? answer(request, file) : null
  }
}

/** Null for paths that are not one: bad escapes, NUL, steps upwards. */
function decodePath(path: string): string | null {
  try {
    const decoded = normalize(decodeURIComponent(path)).replaceAll('\\', '/')
    return decoded.includes('\0') || decoded.includes('..') ? null : decoded
  } catch {
    return null
  }
}

function answer(request: Request, file: File): Response {
  const headers = new Headers({
    'content-type': file.type,
    etag: file.etag,
    'cache-control': file.lasting ? 'public, max-age=31536000, immutable' : 'no-cache',
  })
  if (file.policy !== null) headers.set('content-security-policy', file.policy)
  if (request.headers.get('if-none-match') === file.etag) return new Response(null, { status: 304, headers })
  headers.set('content-length', String(file.body.byteLength))
  return new Response(request.method === 'HEAD' ? null : file.body, { headers })
}

/** Hashes of the scripts inside a page; SvelteKit starts the panel with one. */
function inlineScripts(page: Uint8Array): string[] {
  const scripts = new TextDecoder().decode(page).matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)
  return [...scripts].map(([, script = '']) => `sha256-${createHash('sha256').update(script).digest('base64')}`)
}
