import { categories, mediaTypes } from '@marquee/shared/media.ts'
import { type KeyParts, StorageError } from './storage.ts'

const keyShape = new RegExp(
  `^(?<tenant>[a-z0-9][a-z0-9_-]{1,49})/(?<category>${categories.join('|')})/(?<name>[\\p{L}\\p{M}\\p{N}-]{1,60})_(?<id>[0-9a-z-]{1,40})\\.(?<ext>[a-z0-9]{1,8})$`,
  'u',
)
/** File systems take 255 bytes a name; letters of some scripts have four. */
const maxNameBytes = 120
const types: ReadonlyMap<string, string> = new Map(
  Object.entries(mediaTypes).map(([type, { extension }]) => [extension, type]),
)
/** Extension of bytes that were not judged yet. */
export const unknownExtension = 'bin'

/** The one place that makes keys. The name is for people who look into the folder or bucket; the id alone makes it unique. */
export function makeKey(parts: KeyParts): string {
  const key = `${parts.tenant}/${parts.category}/${slug(parts.name)}_${parts.id}.${parts.ext}`
  checkKey(key)
  return key
}

/** Throws `bad-key` unless `makeKey` could have made it: so no key ever leaves its folder or its tenant. */
export function checkKey(key: string): void {
  parseKey(key)
}

export function parseKey(key: string): KeyParts {
  const parts = key === key.normalize('NFC') ? keyShape.exec(key)?.groups : undefined
  if (!parts) throw new StorageError('bad-key', `"${key.slice(0, 100)}" is not a key of this storage`)
  // The shape has these groups, and `category` is one of the list.
  return parts as unknown as KeyParts
}

/** The MIME type that a key's extension stands for. */
export function typeOfKey(key: string): string {
  return types.get(key.slice(key.lastIndexOf('.') + 1)) ?? 'application/octet-stream'
}

/** Letters and digits of any script; everything else becomes a hyphen. Never empty. */
export function slug(text: string): string {
  const words = text
    .normalize('NFC')
    .replace(/\.[^.]*$/, '')
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '-')
    .replace(/^[-\p{M}]+/u, '')
  let short = ''
  let bytes = 0
  for (const letter of [...words].slice(0, 60)) {
    bytes += Buffer.byteLength(letter)
    if (bytes > maxNameBytes) break
    short += letter
  }
  return short.normalize('NFC').replace(/-+$/, '') || 'file'
}
