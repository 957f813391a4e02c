import { z } from 'zod'

export type JsonSchema = z.core.JSONSchema.BaseSchema

/** A zod schema as the JSON schema of OpenAPI 3.1: of what goes in, or of what comes out. */
export function toJsonSchema(schema: z.ZodType, io: 'input' | 'output', names?: z.core.$ZodRegistry<{ id: string }>) {
  const { $schema: _, ...made } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: (context) => tidy(context, io),
    ...(names && { metadata: names }),
  })
  return made as JsonSchema
}

type Context = Parameters<NonNullable<z.core.ToJSONSchemaParams['override']>>[0]

function tidy({ zodSchema, jsonSchema }: Context, io: 'input' | 'output'): void {
  // A format says it in a word; the pattern behind it says the same in a line that nobody reads.
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern
  const { def } = zodSchema._zod
  // What leaves a transform is unknown to zod; ours tidy a value and keep its type.
  if (io === 'output' && def.type === 'pipe' && def.out._zod.def.type === 'transform')
    Object.assign(jsonSchema, toJsonSchema(def.in as z.ZodType, io))
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
}
