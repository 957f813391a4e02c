import type { UploadSource, UploadsApi } from './upload.types.ts'
import type { UploadState } from './uploads.ts'

const edgeBytes = 64 * 1024

/**
 * Says which file this is, so that an upload goes on after a reload: name, size, date, and a hash of both ends. Pages of
 * a local network have no `crypto.subtle` (no HTTPS), and nothing here guards against anybody: a plain hash will do.
 */
export async function fingerprint(source: UploadSource, fileName: string): Promise<string> {
  const [head, tail] = [await piece(source, 0, edgeBytes), await piece(source, source.size - edgeBytes, source.size)]
  const text = new TextEncoder().encode(`${fileName}\n${source.lastModified ?? ''}\n`)
  let hash: [number, number] = [0x811c9dc5, 0xdeadbeef]
  for (const bytes of [text, head, tail]) hash = mix(hash, bytes)
  return `${source.size}-${hash.map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('')}`
}

/** The unfinished upload of this very file, if the server has one. */
export async function findUnfinished(
  api: UploadsApi,
  wanted: Pick<UploadState, 'fingerprint' | 'size' | 'category'>,
): Promise<UploadState | null> {
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<UploadsApi['list']['query']>> = await api.list.query({
      limit: 100,
      ...(cursor !== null && { cursor }),
    })
    const found = page.items.find(
      (one) => one.fingerprint === wanted.fingerprint && one.size === wanted.size && one.category === wanted.category,
    )
    if (found) return found
    cursor = page.nextCursor
  } while (cursor !== null)
  return null
}

/** Bytes of a range, cut to the source. */
export async function piece(source: UploadSource, start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
  const part = await source.slice(Math.max(0, start), Math.min(end, source.size))
  return part instanceof Blob ? new Uint8Array(await part.arrayBuffer()) : part
}

/** Two FNV-1a hashes side by side: 64 bits that differ for different files, most likely. */
function mix([a, b]: [number, number], bytes: Uint8Array): [number, number] {
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 0x01000193)
    b = Math.imul(b ^ (byte + 0x9e), 0x01000193)
    b ^= b >>> 15
  }
  return [a, b]
}
