import type { Ad } from '@marquee/shared/ads.ts'
import {
  ProtocolError,
  ProtocolErrorCode,
  type Resource,
  ResourceNotFoundError,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { TRPCError } from '@trpc/server'
import { type AppError, errorData, toAppError } from '../errors.ts'
import { fromTrpc } from '../trpc.ts'
import { callProcedure, type Door } from './door.ts'

/** URIs that a client asked for or subscribed to, so that a change of many ads can name them. */
export type Watched = { readonly seen: Set<string>; readonly subscribed: Set<string> }
export const newWatched = (): Watched => ({ seen: new Set(), subscribed: new Set() })

/** A client that watches more must read the list. */
const maxWatched = 1_000
const perPage = 50
const json = 'application/json'
const prefix = 'ads://advertisement/'

export function adUri(id: string): string {
  return prefix + id
}

type About = { readonly doorOf: (context: ServerContext) => Door; readonly watched: Watched }

/** Ads as resources: listed, read, and told when they change. */
export function addResources(server: Server, { doorOf, watched }: About): void {
  server.setRequestHandler('resources/templates/list', () => ({
    resourceTemplates: [
      {
        uriTemplate: `${prefix}{id}`,
        name: 'advertisement',
        title: 'Advertisement',
        description: 'An ad of the loop as JSON, with the address of its film or picture',
        mimeType: json,
      },
    ],
  }))
  server.setRequestHandler('resources/list', async ({ params }, context) => {
    const input = { cursor: params?.cursor, limit: perPage }
    // The answer of `ads.list`, which a query of that path gives.
    const page = (await ask(doorOf(context), context, { path: 'ads.list', input })) as AdPage
    return { resources: page.items.map(toResource), ...(page.nextCursor && { nextCursor: page.nextCursor }) }
  })
  server.setRequestHandler('resources/read', async ({ params: { uri } }, context) => {
    const ad = await readAd(doorOf(context), context, uri)
    keep(watched.seen, uri)
    const text = JSON.stringify({ ...ad, url: ad.asset.url })
    const marks = { 'marquee/texts': 'data-written-by-people' }
    return { contents: [{ uri, mimeType: json, text, _meta: marks }] }
  })
  server.setRequestHandler('resources/subscribe', async ({ params: { uri } }, context) => {
    await readAd(doorOf(context), context, uri)
    keep(watched.subscribed, uri)
    return {}
  })
  server.setRequestHandler('resources/unsubscribe', ({ params: { uri } }) => {
    watched.subscribed.delete(uri)
    return {}
  })
}

type AdPage = { readonly items: readonly Ad[]; readonly nextCursor: string | null }

function toResource({ id, title, asset, updatedAt }: Ad): Resource {
  return {
    uri: adUri(id),
    name: asset.fileName,
    title,
    mimeType: json,
    annotations: { lastModified: updatedAt },
  }
}

/** Remembers the latest. */
export function keep(set: Set<string>, uri: string): void {
  set.delete(uri)
  set.add(uri)
  const [oldest] = set
  if (set.size > maxWatched && oldest !== undefined) set.delete(oldest)
}

async function readAd(door: Door, context: ServerContext, uri: string): Promise<Ad> {
  const [, id] = /^ads:\/\/advertisement\/([0-9a-f-]{36})$/i.exec(uri) ?? []
  if (id === undefined) throw new ResourceNotFoundError(uri, `There is no resource "${uri.slice(0, 200)}"`)
  // The answer of `ads.get`.
  return (await ask(door, context, { path: 'ads.get', input: { id }, uri })) as Ad
}

type Question = { readonly path: string; readonly input: unknown; readonly uri?: string }

async function ask(door: Door, { mcpReq }: ServerContext, { path, input, uri }: Question): Promise<unknown> {
  try {
    return await callProcedure(door, { path, type: 'query' }, { input, signal: mcpReq.signal })
  } catch (cause) {
    const error = cause instanceof TRPCError ? fromTrpc(cause) : toAppError(cause)
    if (error.code === 'not-found' && uri !== undefined) throw new ResourceNotFoundError(uri, error.message)
    throw toProtocolError(error, door.facts.id)
  }
}

/** An error that is no tool's, with our code beside the protocol's. */
export function toProtocolError(error: AppError, requestId: string): ProtocolError {
  const code = error.status < 500 ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError
  return new ProtocolError(code, error.message, errorData(error, requestId))
}
