import type { AnyRouter } from '@trpc/server'
import { sessionCookie } from '../features/accounts/sessions.usecases.ts'
import { onePer } from '../lib/one-per.ts'
import { hashToken } from '../lib/secret.ts'
import { operationOf, uploadOperation } from './openapi.operations.ts'
import { parameters, responses } from './openapi.parts.ts'
import { newSchemas } from './openapi.schemas.ts'
import { about, tags } from './openapi.words.ts'
import { routesOf } from './routes.ts'
import { uploadPath } from './upload.ts'

const document = onePer((router: AnyRouter) => {
  const text = JSON.stringify(makeDocument(router))
  return { text, etag: `"${hashToken(text).slice(0, 32)}"` }
})

/** `/api/openapi.json`: made of the procedures when it is first asked for. */
export function documentFor(router: AnyRouter, request: Request): Response {
  const { text, etag } = document(router)
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-cache', etag }
  if (request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers })
  return new Response(request.method === 'HEAD' ? null : text, { headers })
}

/** The whole REST door as OpenAPI 3.1. */
export function makeDocument(router: AnyRouter) {
  const schemas = newSchemas()
  const paths: Record<string, Record<string, object>> = { [uploadPath]: { post: uploadOperation(schemas) } }
  for (const [path, methods] of routesOf(router)) {
    const operations: Record<string, object> = {}
    for (const route of methods.values()) operations[route.method.toLowerCase()] = operationOf(router, route, schemas)
    paths[path] = operations
  }
  return {
    openapi: '3.1.1',
    info: { title: 'Marquee', version: '1', description: about, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/', description: 'This server' }],
    security: [{ key: [] }, { session: [] }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: schemas.all,
      parameters,
      responses,
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'An API key, which starts with `mq_`' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: sessionCookie,
          description: 'The session of the panel; only for pages of this server',
        },
      },
    },
  }
}
