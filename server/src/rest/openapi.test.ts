import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { Validator } from '@seriousme/openapi-schema-validator'
import openapiTS, { astToString } from 'openapi-typescript'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { picture } from '../../test/fixtures/pictures.ts'
import { createTestApp, type TestApp } from '../../test/test-app.ts'
import { appRouter } from '../router.ts'
import { makeDocument } from './openapi.ts'
import { tags, words } from './openapi.words.ts'
import { routesOf } from './routes.ts'

let app: TestApp
let folder: string

beforeAll(async () => {
  app = await createTestApp()
  // Inside the workspace, where its packages are found.
  folder = mkdtempSync(join(import.meta.dirname, '../../node_modules/.client-'))
})
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await app?.[Symbol.asyncDispose]()
})

it('is a valid document of OpenAPI 3.1, with an etag', async () => {
  const answer = await app.fetch('/api/openapi.json')
  const document = await answer.json()
  expect(document.openapi).toMatch(/^3\.1\./)
  expect(await new Validator().validate(document)).toMatchObject({ valid: true })
  const again = await app.fetch('/api/openapi.json', {
    headers: { 'if-none-match': answer.headers.get('etag') ?? '' },
  })
  expect(again.status).toBe(304)
})

it('says in words what each call does, what it needs and how it is refused', () => {
  const { paths, components } = makeDocument(appRouter)
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods)) as Operation[]
  for (const { operationId, summary, description, tags: of, responses } of operations) {
    // A new procedure needs its sentence in `openapi.words.ts`.
    expect(summary, operationId).toMatch(/^[A-Z].{4,}/)
    expect(description, operationId).toMatch(/^(Needs|Not for keys)/)
    expect(Object.keys(tags)).toContain(of[0])
    expect(Object.keys(responses)).toEqual(expect.arrayContaining(['200', '400', '401', '403', '404', 'default']))
  }
  expect(new Set(operations.map((one) => one.operationId)).size).toBe(operations.length)
  const names = [...routesOf(appRouter).values()].flatMap((one) => [...one.values()].map((route) => route.procedure))
  expect(Object.keys(words).filter((name) => !names.includes(name))).toEqual([])
  expect(Object.keys(components.securitySchemes)).toEqual(['key', 'session'])
})
type Operation = {
  operationId: string
  summary: string
  description: string
  tags: string[]
  responses: Record<string, unknown>
}

/** A script as a user would write it with the generated types. */
const script = `
import createClient from 'openapi-fetch'
import type { paths } from './api.ts'

export async function run(baseUrl: string, key: string, file: Blob) {
  const api = createClient<paths>({ baseUrl, headers: { authorization: \`Bearer \${key}\` } })
  const uploaded = await api.POST('/api/upload', {
    body: { file: file as unknown as string, category: 'ads' },
    bodySerializer: (body) => {
      const form = new FormData()
      form.append('file', body.file as unknown as Blob, 'from a client.png')
      form.append('category', body.category ?? 'ads')
      return form
    },
  })
  const filename: string = uploaded.data?.filename ?? ''
  const { data } = await api.GET('/api/ads/list', { params: { query: { limit: 5, kind: 'picture' } } })
  const ad = data?.items[0]
  const changed = await api.POST('/api/ads/update', { body: { id: ad?.id ?? '', tags: ['typed'] } })
  const refused = await api.GET('/api/ads/get', { params: { query: { id: 'not an id' } } })
  const code: string | undefined = refused.error?.code
  const deleted = await api.DELETE('/api/media/delete', { params: { query: { filename } } })
  return { filename, title: ad?.title, tags: changed.data?.ad.tags, code, deleted: deleted.data?.success }
}
`

it('makes a client that compiles and works', async () => {
  const document = makeDocument(appRouter)
  // The generator types the document more exactly than it is made.
  const types = astToString(await openapiTS(document as unknown as Parameters<typeof openapiTS>[0]))
  writeFileSync(join(folder, 'api.ts'), types)
  writeFileSync(join(folder, 'client.ts'), script)
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2023']
  const tsc = join(import.meta.dirname, '../../../node_modules/typescript/bin/tsc')
  execFileSync(
    process.execPath,
    [tsc, '--ignoreConfig', ...options, '--allowImportingTsExtensions', '--lib', 'es2023,dom', 'client.ts'],
    { cwd: folder, encoding: 'utf8' },
  )
  const { run } = await import(pathToFileURL(join(folder, 'client.ts')).href)
  const { url } = await app.listen()
  const owner = await app.tenant()
  const { secret } = await app
    .as(owner)
    .keys.create({ name: 'typed', scopes: ['ads:read', 'ads:write'], purpose: 'script' })
  expect(await run(url, secret, new Blob([await picture('png', { seed: 77 })]))).toEqual({
    filename: expect.stringMatching(/^from-a-client_.*\.png$/),
    title: 'from a client',
    tags: ['typed'],
    code: 'bad-input',
    deleted: true,
  })
}, 120_000)
