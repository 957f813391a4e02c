/** Reads `#/components/…` references of one document. */
export function resolver(document) {
  return (schema) =>
    schema?.$ref === undefined
      ? schema
      : schema.$ref
          .slice(2)
          .split('/')
          .reduce((at, name) => at?.[name], document)
}

const samples = {
  'date-time': '2026-12-01T08:00:00.000Z',
  date: '2026-12-01',
  uuid: '00000000-0000-7000-8000-000000000000',
  uri: 'https://…',
  email: 'ann@example.com',
}

/** A value that fits a schema, to show what it looks like. */
export function sample(schema, resolve, depth = 0) {
  const one = resolve(schema) ?? {}
  if (one.example !== undefined) return one.example
  if (one.default !== undefined) return one.default
  if (one.const !== undefined) return one.const
  if (one.enum) return one.enum[0]
  const options = one.anyOf ?? one.oneOf
  if (options) return sample(options[0], resolve, depth)
  if (depth > 6) return null
  const [type] = [one.type].flat()
  switch (type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(one.properties ?? {}).map(([name, property]) => [name, sample(property, resolve, depth + 1)]),
      )
    case 'array':
      return [sample(one.items ?? {}, resolve, depth + 1)]
    case 'integer':
    case 'number':
      return one.minimum ?? 0
    case 'boolean':
      return true
    case 'string':
      return samples[one.format] ?? 'text'
    default:
      return null
  }
}

/** The input of a call with what it must have, to start from. */
export function neededOf(schema, resolve) {
  const whole = sample(schema, resolve)
  const { required = [] } = resolve(schema)
  return required.length === 0 ? {} : Object.fromEntries(required.map((name) => [name, whole[name]]))
}
