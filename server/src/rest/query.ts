import type { z } from 'zod'
import { AppError } from '../errors.ts'
import { type JsonSchema, toJsonSchema } from './json-schema.ts'

type Kind = 'text' | 'number' | 'boolean' | 'list' | 'json'
type Field = { readonly kind: Kind; readonly of: Kind }
/** How each field of an input stands in a URL. */
export type Fields = ReadonlyMap<string, Field>

/** Read off the JSON schema of the input, so that the document and the server never differ. */
export function fieldsOf(procedure: string, input: z.ZodObject | null): Fields {
  if (!input) return new Map()
  const { properties = {} } = toJsonSchema(input, 'input')
  return new Map(
    Object.entries(properties).map(([name, schema]) => {
      if (typeof schema === 'boolean') throw new TypeError(`"${procedure}" takes anything as "${name}"`)
      return [name, fieldOf(schema)]
    }),
  )
}

function fieldOf(schema: JsonSchema): Field {
  const kind = kindOf(schema)
  const items = schemasOf(schema).find((one) => typesOf(one).includes('array'))?.items
  return { kind, of: kind === 'list' && typeof items === 'object' && !Array.isArray(items) ? kindOf(items) : 'text' }
}

function kindOf(schema: JsonSchema): Kind {
  const types = new Set(schemasOf(schema).flatMap(typesOf))
  if (types.has('array')) return 'list'
  if (types.has('object')) return 'json'
  if (types.has('string')) return 'text'
  if (types.has('number') || types.has('integer')) return 'number'
  return types.has('boolean') ? 'boolean' : 'text'
}

/** One name, or several where a value may also be null. */
export function typesOf({ type }: JsonSchema): string[] {
  return [type ?? []].flat()
}

/** Where a field may be one of several things, those that are not null. */
function schemasOf(schema: JsonSchema): JsonSchema[] {
  const options = schema.anyOf ?? schema.oneOf
  if (!options) return [schema]
  return options.flatMap((one) => (typeof one === 'boolean' || typesOf(one).join() === 'null' ? [] : schemasOf(one)))
}

/**
 * The input in a URL: numbers and `true`/`false` become what they say, a field that comes several times (or once, where
 * the input wants a list) a list, objects are JSON. What does not fit is left as it is: the procedure's schema says why.
 */
export function readQuery(fields: Fields, params: URLSearchParams): Record<string, unknown> {
  const input: Record<string, unknown> = {}
  for (const name of new Set(params.keys())) {
    const field = fields.get(name)
    const values = params.getAll(name)
    if (!field) continue
    if (field.kind !== 'list' && values.length > 1) {
      throw new AppError('bad-input', `"${name}" is there ${values.length} times. Send it once`, {
        detail: { field: name },
      })
    }
    input[name] = field.kind === 'list' ? values.map((one) => toValue(field.of, one)) : toValue(field.kind, values[0])
  }
  return input
}

function toValue(kind: Kind, text = ''): unknown {
  switch (kind) {
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text
    case 'json':
      return parseJson(text)
    default:
      return text
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
