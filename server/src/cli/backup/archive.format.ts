import { crc32 } from 'node:zlib'
import { pack } from 'tar-stream'
import { z } from 'zod'

/**
 * A backup is a plain tar: `marquee-backup.json` (what it is), `tables/NAME.NUMBER.jsonl` (rows as arrays), `secret`,
 * `media/KEY`, `manifest.jsonl` (counts, then name, size and SHA-256 of each entry), and `end.json` with the CRC-32 of
 * every byte before it.
 */
export const names = {
  about: 'marquee-backup.json',
  tables: 'tables/',
  secret: 'secret',
  media: 'media/',
  manifest: 'manifest.jsonl',
  end: 'end.json',
} as const

export const format = 1
/** Length of what `endOf` gives: a header, a block of content, two blocks of zeros. */
export const endBytes = 4 * 512
/** Two blocks of zeros end a tar. */
export const closingBytes = 2 * 512

const columns = z
  .array(z.object({ name: z.string(), kind: z.enum(['text', 'number', 'boolean', 'time', 'json']) }).strict())
  .readonly()
export const about = z.object({
  format: z.literal(format),
  /** Of the program that made it. */
  version: z.string(),
  schema: z.string(),
  dialect: z.enum(['sqlite', 'postgres']),
  createdAt: z.iso.datetime(),
  media: z.boolean(),
  lastEventId: z.int().min(0),
  tables: z.array(z.object({ name: z.string(), columns }).strict()).readonly(),
})
export type About = z.infer<typeof about>

export const manifestHead = z.object({
  /** Rows by table. */
  counts: z.record(z.string(), z.int()),
  /** Media that rows name and that are not in the file. */
  missing: z.array(z.string()),
})
export type ManifestHead = z.infer<typeof manifestHead>
export const manifestLine = z.tuple([z.string(), z.int(), z.string()])
export type ManifestLine = z.infer<typeof manifestLine>

/** The last bytes of a backup: no byte of them can differ, and they name the sum of all others. */
export async function endOf(crc: number, bytes: number): Promise<Buffer> {
  const end = pack()
  const text = `${JSON.stringify({ crc32: crc.toString(16).padStart(8, '0'), bytes })}\n`
  end.entry({ name: names.end, mode: 0o600, mtime: new Date(0) }, text)
  end.finalize()
  const pieces: Uint8Array[] = []
  // Its streams are async iterables of bytes, which its types do not say.
  for await (const piece of end as unknown as AsyncIterable<Uint8Array>) pieces.push(piece)
  return Buffer.concat(pieces)
}

export const sumOf = (bytes: Uint8Array, before: number): number => crc32(bytes, before)
