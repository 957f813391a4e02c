import { parseKey } from './key.ts'
import { StorageError, type StorageUpload } from './storage.ts'

/** Signs for one purpose, as `deps.secret` does. */
export type Signer = {
  sign(purpose: string, text: string): string
  verify(purpose: string, text: string, signature: string): boolean
}

/** One object that a link lets read. */
export type ObjectLink = { readonly key: string; readonly filename: string | null; readonly expiresAt: number }
/** One part of one upload that a link lets send. */
export type PartLink = { readonly upload: StorageUpload; readonly part: number; readonly expiresAt: number }
export type LinkProblem = 'bad-signature' | 'link-expired'

const root = '/media/'

/** `/media/{key}?e=…&f=…&s=…` for `GET` and `HEAD`. */
export function signObject(signer: Signer, link: ObjectLink): string {
  const query = `e=${link.expiresAt}${link.filename === null ? '' : `&f=${encodeURIComponent(link.filename)}`}`
  return `${pathOf(link.key)}?${query}&s=${signer.sign('media', objectText(link))}`
}

/** `/media/{key}?u=…&n=…&z=…&p=…&e=…&s=…` for `PUT`. */
export function signPart(signer: Signer, link: PartLink): string {
  const { key, storageId, size, partSize } = link.upload
  const query = `u=${storageId}&n=${link.part}&z=${size}&p=${partSize}&e=${link.expiresAt}`
  return `${pathOf(key)}?${query}&s=${signer.sign('part', partText(link))}`
}

export function readObjectLink(signer: Signer, url: URL, now: number): ObjectLink | LinkProblem {
  const key = keyOf(url.pathname)
  const query = url.searchParams
  if (key === null) return 'bad-signature'
  const link = { key, filename: query.get('f'), expiresAt: Number(query.get('e')) }
  if (!signer.verify('media', objectText(link), query.get('s') ?? '')) return 'bad-signature'
  return now > link.expiresAt ? 'link-expired' : link
}

export function readPartLink(signer: Signer, url: URL, now: number): PartLink | LinkProblem {
  const key = keyOf(url.pathname)
  const query = url.searchParams
  if (key === null) return 'bad-signature'
  const upload = {
    key,
    storageId: query.get('u') ?? '',
    size: Number(query.get('z')),
    partSize: Number(query.get('p')),
  }
  const link = { upload, part: Number(query.get('n')), expiresAt: Number(query.get('e')) }
  if (!signer.verify('part', partText(link), query.get('s') ?? '')) return 'bad-signature'
  return now > link.expiresAt ? 'link-expired' : link
}

/** The end of a link's life: at least `expiresIn` away, and the same instant for every link of one period, so that caches hold. */
export function steadyExpiry(now: number, expiresIn: number): number {
  return (Math.floor(now / expiresIn) + 2) * expiresIn
}

function pathOf(key: string): string {
  return root + key.split('/').map(encodeURIComponent).join('/')
}

function keyOf(pathname: string): string | null {
  if (!pathname.startsWith(root)) return null
  try {
    const key = decodeURIComponent(pathname.slice(root.length))
    parseKey(key)
    return key
  } catch (error) {
    if (error instanceof URIError || error instanceof StorageError) return null
    throw error
  }
}

function objectText(link: ObjectLink): string {
  return `${link.expiresAt}\n${link.key}\n${link.filename ?? ''}`
}

function partText({ upload, part, expiresAt }: PartLink): string {
  return [expiresAt, upload.key, upload.storageId, upload.size, upload.partSize, part].join('\n')
}
