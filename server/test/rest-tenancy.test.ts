import { basename } from 'node:path'
import { scopes } from '@marquee/shared/keys.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeDocument } from '../src/rest/openapi.ts'
import { appRouter } from '../src/router.ts'
import { formBytes, formType } from './fixtures/forms.ts'
import { picture } from './fixtures/pictures.ts'
import { createTestApp, type TestApp } from './test-app.ts'
import { uploadThrough } from './upload-through.ts'

/**
 * The matrix of tenancy over REST, generated from the OpenAPI document as a stranger reads it: every call with a key of
 * one tenant and everything that names a thing of another.
 */
type Schema = {
  type?: string | string[]
  enum?: unknown[]
  default?: unknown
  format?: string
  minimum?: number
  anyOf?: Schema[]
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
}
type Parameter = { name: string; in: string; required?: boolean; schema: Schema }
type Operation = {
  operationId: string
  tags: string[]
  description: string
  parameters?: (Parameter | { $ref: string })[]
  requestBody?: { content: Record<string, { schema: Schema }> }
}
type Call = { method: string; path: string; operation: Operation; body: Schema | null; query: Parameter[] }

// The document's own types say no more than that it is one.
const paths = makeDocument(appRouter).paths as unknown as Record<string, Record<string, Operation>>
const calls: Call[] = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    method: method.toUpperCase(),
    path,
    operation,
    body: Object.values(operation.requestBody?.content ?? {})[0]?.schema ?? null,
    query: (operation.parameters ?? []).flatMap((one) => ('name' in one && one.in === 'query' ? [one] : [])),
  })),
)
/** Everybody may ask these, before anybody has an account. */
const open = new Set(['accountsServerState', 'accountsInvitation'])
/** What a call wants beside the fields that its schema needs. */
const more: Record<string, object> = { agentsUpdate: { title: 'Mine now' } }
const idOf: Record<string, string> = {
  ads: 'adId',
  uploads: 'uploadId',
  screens: 'screenId',
  keys: 'keyId',
  approvals: 'approvalId',
  members: 'invitationId',
  agents: 'adId',
}

let app: TestApp
let ours: string
let weak: string
let theirs: Record<string, string>

/** The other tenant's thing that a field of a call names, if it names one. */
function foreign({ tags: [group = ''], operationId }: Operation, field: string): unknown {
  const named = field.replace(/_(\w)/g, (_, letter) => letter.toUpperCase())
  if (named === 'id') return theirs[(operationId.startsWith('agents') && 'adId') || (idOf[group] ?? '')]
  if (named === 'ids') return [theirs.adId]
  if (named === 'userId') return theirs.memberId
  // Elsewhere it is the name of a file that comes.
  if (named === 'filename') return group === 'files' ? theirs.filename : undefined
  return theirs[named]
}

function sample(schema: Schema): unknown {
  if (schema.default !== undefined) return schema.default
  if (schema.enum) return schema.enum[0]
  if (schema.anyOf) return sample(schema.anyOf[0] ?? {})
  switch ([schema.type].flat()[0]) {
    case 'array':
      return [sample(schema.items ?? {})]
    case 'integer':
    case 'number':
      return Math.max(1, schema.minimum ?? 1)
    case 'boolean':
      return true
    case 'object':
      return {}
    default:
      return schema.format === 'date-time' ? '2030-01-01T00:00:00.000Z' : 'Something else'
  }
}

async function make(call: Call, bearer: string | null): Promise<{ answer: Response; names: boolean }> {
  const { method, path, operation, body, query } = call
  const headers: Record<string, string> = bearer === null ? {} : { authorization: `Bearer ${bearer}` }
  let names = false
  const pickValue = (field: string, schema: Schema, required: boolean) => {
    const thing = field === 'client' ? undefined : foreign(operation, field)
    // Of a list it is a filter, which finds nothing.
    if (thing !== undefined && (required || method !== 'GET')) names = true
    return thing ?? (required ? sample(schema) : undefined)
  }
  const url = new URL(path, 'http://localhost')
  for (const { name, schema, required = false } of query) {
    const value = pickValue(name, schema, required)
    if (value !== undefined) url.searchParams.set(name, String(value))
  }
  if (!body) return { answer: await app.fetch(String(url), { method, headers }), names }
  if (operation.requestBody?.content['multipart/form-data']) {
    const bytes = await picture('png', { seed: 4_242 })
    const form = formBytes([{ file: 'file', bytes }])
    return {
      answer: await app.fetch(String(url), { method, body: form, headers: { ...headers, 'content-type': formType } }),
      names,
    }
  }
  const fields = Object.entries(body.properties ?? {}).map(([name, schema]) => [
    name,
    pickValue(name, schema, body.required?.includes(name) ?? false),
  ])
  const json = JSON.stringify({ ...Object.fromEntries(fields), ...more[operation.operationId] })
  return {
    answer: await app.fetch(String(url), {
      method,
      body: json,
      headers: { ...headers, 'content-type': 'application/json' },
    }),
    names,
  }
}

beforeAll(async () => {
  app = await createTestApp()
  const owner = await app.tenant()
  const other = await app.tenant()
  ours = (await app.as(owner).keys.create({ name: 'all', scopes: [...scopes], purpose: 'script' })).secret
  weak = (await app.as(owner).keys.create({ name: 'weak', scopes: ['activity:read'], purpose: 'script' })).secret
  const caller = app.as(other)
  const bytes = await picture('png', { seed: 41 })
  const { asset, ad } = await uploadThrough(app, other, { bytes, fileName: 'theirs.png', ad: {} })
  const adId = ad?.id ?? ''
  await app
    .as(app.key(other, ['ads:write'], 'agent'))
    .ads.remove({ ids: [adId] })
    .catch(() => {})
  theirs = {
    adId,
    assetId: asset.id,
    uploadId: (await caller.uploads.create({ fileName: 'begun.png', size: 1_000 })).id,
    screenId: await app.screen(other),
    keyId: (await caller.keys.create({ name: 'key', scopes: ['ads:read'], purpose: 'script' })).key.id,
    invitationId: (await caller.members.invite({ role: 'viewer' })).invitation.id,
    memberId: (await app.member(other, 'editor')).userId,
    approvalId: (await caller.approvals.list()).items[0]?.id ?? '',
    tenantId: other.tenantId,
    after: (await caller.keys.list()).items[0]?.id ?? '',
    filename: basename(new URL(asset.url).pathname),
  }
  theirs.before = JSON.stringify(await app.as(other).ads.list({}))
  theirs.actor = JSON.stringify(other)
})
afterAll(() => app?.[Symbol.asyncDispose]())

it('names every thing of another tenant that there is', () => {
  expect(Object.values(theirs).every((value) => value !== '')).toBe(true)
})

describe.each(calls.map((call) => [`${call.method} ${call.path}`, call] as const))('%s', (_, call) => {
  const { operationId, description } = call.operation
  const isOpen = open.has(operationId)

  if (!isOpen) {
    it('is refused without a key, and with a wrong one', async () => {
      for (const bearer of [null, 'mq_wrong']) {
        const { answer } = await make(call, bearer)
        expect([answer.status, answer.headers.get('content-type')]).toEqual([401, 'application/problem+json'])
      }
    })
  }
  // The weak key has this one scope.
  if (!isOpen && /scope/.test(description) && !/activity:read/.test(description)) {
    it('is refused to a key without its scope', async () => {
      expect((await make(call, weak)).answer.status).toBe(403)
    })
  }

  it('gives and changes nothing of another tenant', async () => {
    const { answer, names } = await make(call, ours)
    const text = await answer.text()
    if (names) expect([401, 403, 404], text).toContain(answer.status)
    // A refusal may repeat what was asked for.
    if (answer.ok)
      for (const name of ['adId', 'assetId', 'screenId', 'keyId', 'memberId', 'tenantId', 'filename'])
        expect(text).not.toContain(theirs[name])
    const other = JSON.parse(theirs.actor ?? '')
    expect(JSON.stringify(await app.as(other).ads.list({}))).toBe(theirs.before)
  })
})
