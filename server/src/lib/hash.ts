import { createHash } from 'node:crypto'

/** SHA-256 of a stream in hexadecimal, held piece by piece. */
export async function hashStream(body: ReadableStream<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of body) hash.update(piece)
  return hash.digest('hex')
}
