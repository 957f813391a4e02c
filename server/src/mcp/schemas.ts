import { z } from 'zod'

type JsonSchema = z.core.JSONSchema.BaseSchema
/** A JSON Schema of an object, as MCP wants it of arguments and answers. */
export type ObjectSchema = {
  type: 'object'
  properties: Record<string, z.core.JSONSchema._JSONSchema>
  required?: string[] | undefined
  additionalProperties?: unknown
  [more: string]: unknown
}

/** The arguments of a procedure, with nothing beside them. */
export function inputSchemaOf(path: string, inputs: readonly unknown[]): ObjectSchema {
  const properties: ObjectSchema['properties'] = {}
  const required: string[] = []
  for (const input of inputs) {
    if (!(input instanceof z.ZodObject)) throw new TypeError(`The tool "${path}" takes no z.object`)
    const made = toJson(input, 'input')
    Object.assign(properties, made.properties)
    required.push(...(made.required ?? []))
  }
  return { type: 'object', properties, ...(required.length > 0 && { required }), additionalProperties: false }
}

/** Whether values of it are objects, one way or another. */
export function isObjectSchema(schema: z.ZodType): boolean {
  if (schema instanceof z.ZodObject) return true
  // Options of a union are schemas; zod types them wider.
  return schema instanceof z.ZodUnion && schema.options.every((one) => isObjectSchema(one as z.ZodType))
}

/** The answer of a procedure; what is no object goes into one as `result`. */
export function outputSchemaOf(schema: z.ZodType): ObjectSchema {
  const made = toJson(isObjectSchema(schema) ? schema : z.object({ result: schema }), 'output')
  // A union of objects does not say so at its root, where clients look for it.
  return { ...made, type: 'object', properties: made.properties ?? {} }
}

function toJson(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _, ...made } = z.toJSONSchema(schema, { io, unrepresentable: 'any', override: dropPattern })
  return made
}

/** A format says it in a word; the pattern behind it fills an agent's window. */
function dropPattern({ jsonSchema }: { jsonSchema: JsonSchema }): void {
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern
}
