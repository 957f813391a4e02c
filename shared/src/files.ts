import { z } from 'zod'
import { uploadCategories } from './media.ts'
import { bytes, id } from './wire.ts'

/**
 * Files as the first upload guide knows them: by the category and the unique name under which they are stored. The
 * fields are snake_case, and their names are the guide's.
 */

/** The longest stored name; those that we make are shorter. */
export const maxFilename = 300

const category = z.enum(uploadCategories).default('ads').describe('Where the file belongs: "ads" or "agent"')
const client = z
  .string()
  .max(100)
  .optional()
  .describe("The tenant. It follows from the key, so it can be left out; another one than the key's is refused")

const fields = {
  filename: z.string().describe('The unique name under which the file is stored'),
  url: z.url().describe('Where the file can be fetched as it stands, for a day or longer'),
  original_name: z.string().describe('The name that the file had where it came from'),
  size_bytes: bytes,
  size_mb: z.number().describe('The size in megabytes of 1,048,576 bytes, with two decimals'),
  category: z.enum(uploadCategories),
  client_id: z.string().describe('The tenant whose file it is'),
}

/** The text fields of the form; the file itself is the part `file`. */
export const uploadFields = z.object({ category, client })

export const uploadedFile = z.object({
  success: z.literal(true),
  message: z.string(),
  ...fields,
  storage_path: z.string().describe('The key of the file in the storage'),
  timestamp: z.int().describe('When it was stored, in seconds since 1970'),
  content_type: z.string(),
  ad_id: id.nullable().describe('The ad that was made of it; null for the category "agent"'),
  duplicate: z.boolean().describe('true: these bytes were here already, and are stored once'),
})
export type UploadedFile = z.infer<typeof uploadedFile>

export const listFiles = z.object({
  category,
  client,
  cursor: z.string().max(400).nullish().describe('"next_cursor" of the page before; leave out for the first page'),
  limit: z.int().min(1).max(200).default(50).describe('How many files at most in one answer'),
})

export const storedFile = z.object({
  ...fields,
  modified_time: z.number().describe('When it was stored, in seconds since 1970'),
  content_type: z.string(),
  ad_ids: z.array(id).describe('The ads that show it'),
})
export type StoredFile = z.infer<typeof storedFile>

export const filePage = z.object({
  files: z.array(storedFile),
  total_count: z.int().describe('How many files there are on all pages'),
  next_cursor: z.string().nullable(),
})

export const deleteFile = z.object({
  category,
  client,
  filename: z.string().min(1).max(maxFilename).describe('The stored name, as "filename" of the list says it'),
})
export const deletedFile = z.object({ success: z.literal(true), message: z.string() })
