import { uploadedFile, uploadFields } from '@marquee/shared/files.ts'
import type { AnyProcedure, AnyRouter } from '@trpc/server'
import { permissions } from '../access.ts'
import type { Meta } from '../trpc.ts'
import type { JsonSchema } from './json-schema.ts'
import { examples } from './openapi.examples.ts'
import { approvalParameter, idempotency, refusals } from './openapi.parts.ts'
import type { newSchemas } from './openapi.schemas.ts'
import { words } from './openapi.words.ts'
import { typesOf } from './query.ts'
import type { Route } from './routes.ts'

type Schemas = ReturnType<typeof newSchemas>

/** A procedure as an operation of OpenAPI. */
export function operationOf(router: AnyRouter, route: Route, schemas: Schemas) {
  const [group = '', name = ''] = route.procedure.split('.')
  const input = route.input && schemas.input(route.input)
  const parameters = [
    ...(route.query && input ? queryParameters(input) : []),
    ...(route.method === 'POST' ? [idempotency] : []),
    ...(route.destructive ? [approvalParameter] : []),
  ]
  return {
    operationId: `${group}${name.charAt(0).toUpperCase()}${name.slice(1)}`,
    tags: [group === 'media' ? 'files' : group],
    summary: summaryOf(router, route),
    description: needs(route),
    ...(parameters.length > 0 && { parameters }),
    ...(!route.query && input && { requestBody: bodyOf(input) }),
    responses: {
      200: answerOf(schemas.output(route.output), examples[route.procedure]),
      ...refusals.always,
      ...(route.method !== 'GET' && refusals.withBody),
    },
  }
}

/** The one call that is no procedure, since its body is a file. */
export function uploadOperation(schemas: Schemas) {
  const fields = schemas.input(uploadFields)
  const file = { type: 'string', format: 'binary', description: 'The film or picture, with its file name' }
  const schema = { type: 'object', properties: { file, ...fields.properties }, required: ['file'] }
  return {
    operationId: 'upload',
    tags: ['files'],
    summary: 'Uploads a file in one piece, and makes an ad of it',
    description: `${needs({ permission: 'ads:write', destructive: false })} The file is judged by its content, and is on the screens with the answer. For large files over bad connections take an upload in parts.`,
    parameters: [idempotency],
    requestBody: { required: true, content: { 'multipart/form-data': { schema } } },
    responses: {
      200: answerOf(schemas.output(uploadedFile), examples.upload),
      ...refusals.always,
      ...refusals.withBody,
    },
  }
}

function summaryOf(router: AnyRouter, { procedure }: Route): string {
  const { _def } = (router._def.procedures as Record<string, AnyProcedure>)[procedure] ?? {}
  // Of our own procedures, the meta is ours.
  const tool = (_def?.meta as Meta | undefined)?.tool
  return words[procedure] ?? tool?.title ?? procedure
}

function needs({ permission, destructive }: Pick<Route, 'permission' | 'destructive'>): string {
  if (permission === null) return 'Needs no permission of the tenant.'
  const { scope, role } = permissions[permission]
  const who = scope === null ? `Not for keys: a person with the role "${role}".` : `Needs the scope \`${scope}\`.`
  return destructive ? `${who} Takes something away, so keys for agents wait for an approval.` : who
}

function queryParameters({ properties = {}, required = [] }: JsonSchema) {
  return Object.entries(properties).map(([name, schema]) => {
    const { description, ...rest } = withoutNull(schema as JsonSchema)
    return {
      name,
      in: 'query',
      ...(description !== undefined && { description }),
      ...(required.includes(name) && { required: true }),
      schema: rest,
    }
  })
}

/** An address has no null: one leaves the field out. */
function withoutNull({ anyOf, ...schema }: JsonSchema): JsonSchema {
  const [type] = typesOf(schema).filter((one) => one !== 'null')
  // Of a field in an address there is one type at most.
  if (!anyOf) return type === undefined ? schema : { ...schema, type: type as NonNullable<JsonSchema['type']> }
  const left = anyOf.filter((one) => typeof one === 'boolean' || one.type !== 'null')
  const [only] = left
  return left.length === 1 && typeof only === 'object' ? { ...only, ...schema } : { ...schema, anyOf: left }
}

function bodyOf(schema: JsonSchema) {
  return { required: (schema.required?.length ?? 0) > 0, content: { 'application/json': { schema } } }
}

function answerOf(schema: JsonSchema, example: unknown) {
  return {
    description: 'Done',
    content: { 'application/json': { schema, ...(example !== undefined && { example }) } },
  }
}
