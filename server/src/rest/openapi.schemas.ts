import { me } from '@marquee/shared/accounts.ts'
import { activityEntry } from '@marquee/shared/activity.ts'
import { ad } from '@marquee/shared/ads.ts'
import { advertisement } from '@marquee/shared/agents.answers.ts'
import { approval } from '@marquee/shared/approvals.ts'
import { errorCodes } from '@marquee/shared/errors.ts'
import { storedFile, uploadedFile } from '@marquee/shared/files.ts'
import { key } from '@marquee/shared/keys.ts'
import { asset } from '@marquee/shared/media.ts'
import { screen } from '@marquee/shared/screens.ts'
import { invitation, member, tenant } from '@marquee/shared/tenants.ts'
import { uploadState } from '@marquee/shared/uploads.ts'
import { z } from 'zod'
import { type JsonSchema, toJsonSchema } from './json-schema.ts'

/** What answers are made of, under the names that a generated client gets. */
const named = z.registry<{ id: string }>()
for (const [id, schema] of Object.entries({
  ActivityEntry: activityEntry,
  Ad: ad,
  Advertisement: advertisement,
  Approval: approval,
  Asset: asset,
  Invitation: invitation,
  Key: key,
  Me: me,
  Member: member,
  Screen: screen,
  StoredFile: storedFile,
  Tenant: tenant,
  UploadedFile: uploadedFile,
  UploadState: uploadState,
}))
  named.add(schema, { id })

const problemSchema = z.object({
  type: z.string().describe('`urn:marquee:` and the code'),
  title: z.string().describe('A sentence that says what is wrong and what to do'),
  status: z.int(),
  code: z.enum(Object.keys(errorCodes) as [string, ...string[]]),
  reason: z.string().optional().describe('The exact rule, where a code has several'),
  detail: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .optional()
    .describe('Facts of the sentence'),
  requestId: z.string().optional().describe('Under which the log of the server has it'),
})

/** Gathers schemas that several operations name, while their document is made. */
export function newSchemas() {
  const all: Record<string, JsonSchema> = { Problem: toJsonSchema(problemSchema, 'output') }
  return {
    all,
    output(schema: z.ZodType): JsonSchema {
      const { $defs = {}, ...made } = toJsonSchema(schema, 'output', named)
      for (const [id, one] of Object.entries($defs)) all[id] ??= pointed(open(one as JsonSchema))
      return pointed(open(made))
    },
    input: (schema: z.ZodType): JsonSchema => toJsonSchema(schema, 'input'),
  }
}

/** Answers may grow: a client that refuses fields it does not know would break. */
function open<T>(value: T): T {
  return walk(value, (name, one) => (name === 'additionalProperties' && one === false ? undefined : one))
}

function pointed<T>(value: T): T {
  return walk(value, (name, one) =>
    name === '$ref' && typeof one === 'string' ? one.replace('#/$defs/', '#/components/schemas/') : one,
  )
}

function walk<T>(value: T, change: (name: string, value: unknown) => unknown): T {
  // A copy of the same shape; JSON has nothing that is not walked through.
  return JSON.parse(JSON.stringify(value, (name, one) => change(name, one))) as T
}
