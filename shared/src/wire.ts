import { z } from 'zod'

/** An id made by us: a UUID, version 7, so that ids sort by the time they were made. */
export const id = z.uuid()
/** An instant as ISO 8601 in UTC, milliseconds included: `2026-11-24T20:25:00.000Z`. */
export const instant = z.iso.datetime({ precision: 3 })
/** A whole number of bytes. */
export const bytes = z.int().min(0)
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'sha256 is 64 hexadecimal digits')

/** Text that a person typed: trimmed, in NFC, without control characters. */
export function line(max: number) {
  return z
    .string()
    .max(max * 4)
    .transform((value) => cleanText(value))
    .pipe(z.string().max(max))
}

/** Removes control characters and the marks that turn the direction of text, which make names lie. */
export function cleanText(value: string): string {
  // Cc without tab and newline, bidi marks and overrides, zero-width space, BOM
  const unwanted = /(?![\t\n])[\p{Cc}\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu
  return value.normalize('NFC').replace(unwanted, '').trim()
}

/** One page of a list. `nextCursor` is opaque and null on the last page. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() })
}
export const pageInput = z.object({
  cursor: z.string().max(400).nullish(),
  limit: z.int().min(1).max(200).default(50),
})
export const idInput = z.object({ id })
