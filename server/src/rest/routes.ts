import type { AnyProcedure, AnyRouter } from '@trpc/server'
import { z } from 'zod'
import type { Permission } from '../access.ts'
import { onePer } from '../lib/one-per.ts'
import type { Meta } from '../trpc.ts'
import { type Fields, fieldsOf } from './query.ts'

export type Method = 'GET' | 'POST' | 'DELETE'

/** A procedure as REST offers it. */
export type Route = {
  /** The procedure, e.g. `ads.list`. */
  readonly procedure: string
  readonly method: Method
  /** e.g. `/api/ads/list`. */
  readonly path: string
  readonly type: 'query' | 'mutation'
  readonly permission: Permission | null
  readonly destructive: boolean
  readonly input: z.ZodObject | null
  readonly output: z.ZodType
  /** How the fields stand in a URL; null where the input is a body. */
  readonly query: Fields | null
}

/** What tRPC keeps of a procedure. It types it away, but it is all there is to learn the schemas and the meta from. */
type Internals = {
  readonly type: 'query' | 'mutation' | 'subscription'
  readonly meta?: Meta
  readonly inputs: readonly z.ZodType[]
  /** Ours are all made by `shape`, which keeps the schema. */
  readonly output?: { readonly schema?: z.ZodType }
}

/**
 * Every procedure but subscriptions, which are streams for browsers, and those with `rest: 'no'`, which set or end a
 * browser's cookies. Queries are `GET` with their input in the URL; mutations are `POST` with a JSON body, or what their
 * meta says. By path, then by method.
 */
export const routesOf = onePer((router: AnyRouter): ReadonlyMap<string, ReadonlyMap<Method, Route>> => {
  const routes = new Map<string, Map<Method, Route>>()
  const procedures = Object.entries(router._def.procedures as Record<string, AnyProcedure>)
  for (const [procedure, { _def }] of procedures) {
    const route = toRoute(procedure, _def as unknown as Internals)
    if (!route) continue
    const byMethod = routes.get(route.path) ?? new Map<Method, Route>()
    routes.set(route.path, byMethod.set(route.method, route))
  }
  return routes
})

function toRoute(procedure: string, { type, meta, inputs, output }: Internals): Route | null {
  if (type === 'subscription' || meta?.rest === 'no') return null
  const method = type === 'query' ? 'GET' : (meta?.rest?.method ?? 'POST')
  const input = inputOf(procedure, inputs)
  return {
    procedure,
    method,
    path: `/api/${procedure.replaceAll('.', '/')}`,
    type,
    permission: meta?.permission ?? null,
    destructive: meta?.destructive ?? false,
    input,
    output: output?.schema ?? z.unknown(),
    query: method === 'POST' ? null : fieldsOf(procedure, input),
  }
}

function inputOf(procedure: string, inputs: readonly z.ZodType[]): z.ZodObject | null {
  return inputs.reduce<z.ZodObject | null>((all, input) => {
    if (!(input instanceof z.ZodObject)) throw new TypeError(`"${procedure}" takes no z.object, so REST can't offer it`)
    return all ? all.extend(input.shape) : input
  }, null)
}
