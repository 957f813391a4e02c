import { join } from 'node:path'
import { checkKey } from './key.ts'
import { isMissing, type LocalFs } from './local-files.ts'
import { StorageError } from './storage.ts'

type Page = { readonly prefix: string; readonly cursor?: string; readonly limit: number }

/** Keys in the order of their UTF-8 bytes, from the first after the cursor. Folders that can't hold any are not read. */
export async function listKeys(
  fs: LocalFs,
  root: string,
  page: Page,
): Promise<{ keys: string[]; nextCursor: string | null }> {
  const keys: string[] = []
  for await (const key of walk(fs, root, { at: '', ...page })) {
    if (keys.length === page.limit) return { keys, nextCursor: keys.at(-1) ?? null }
    keys.push(key)
  }
  return { keys, nextCursor: null }
}

async function* walk(fs: LocalFs, root: string, page: Page & { at: string }): AsyncGenerator<string> {
  const entries = await fs
    .readdir(join(root, page.at), { withFileTypes: true })
    .catch((error) => (isMissing(error) ? [] : Promise.reject(error)))
  const names = entries.map((entry) => page.at + entry.name + (entry.isDirectory() ? '/' : ''))
  for (const name of names.sort(byBytes)) {
    if (!mayHold(name, page)) continue
    if (name.endsWith('/')) yield* walk(fs, root, { ...page, at: name })
    else if (isKey(name)) yield name
  }
}

function mayHold(name: string, { prefix, cursor = '' }: Page): boolean {
  const folder = name.endsWith('/')
  if (!name.startsWith(prefix) && !(folder && prefix.startsWith(name))) return false
  return byBytes(name, cursor) > 0 || (folder && cursor.startsWith(name))
}

/** UTF-16 order, which `sort` has, differs from the order of bytes above U+FFFF. */
export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** Files that somebody else put there are none of ours. */
function isKey(name: string): boolean {
  try {
    checkKey(name)
    return true
  } catch (error) {
    if (error instanceof StorageError) return false
    throw error
  }
}
