import { approvalHeader } from '@marquee/shared/approvals.ts'
import { type AnyRouter, callTRPCProcedure, TRPCError } from '@trpc/server'
import type { Deps } from '../deps.ts'
import { type AppError, toAppError } from '../errors.ts'
import { approvalGate } from '../features/approvals/approvals.gate.usecases.ts'
import { type Context, fromTrpc, type RequestFacts, type Who } from '../trpc.ts'
import type { Route } from './routes.ts'

/** One request at the REST door. `deps.baseUrl` is the caller's. */
export type Asked = {
  readonly deps: Deps
  readonly router: AnyRouter
  readonly request: Request
  readonly facts: RequestFacts
  readonly who: Who
}

/** Calls the procedure of a route: with its validation, access check and errors, which come as tRPC's. */
export async function callRoute(asked: Asked, { procedure, type }: Route, input: unknown): Promise<unknown> {
  const { deps, router, request, facts, who } = asked
  const resHeaders = new Headers()
  const ctx: Context = {
    deps,
    request: facts,
    who,
    gate: approvalGate(deps, request.headers.get(approvalHeader)),
    resHeaders,
  }
  const data: unknown = await callTRPCProcedure({
    router,
    path: procedure,
    type,
    ctx,
    getRawInput: async () => input,
    signal: request.signal,
    batchIndex: 0,
  })
  if (resHeaders.has('set-cookie')) throw new TypeError(`"${procedure}" sets a cookie: give it the meta rest: 'no'`)
  return data
}

/** Our error behind whatever was thrown. */
export function refusalOf(cause: unknown): AppError {
  return cause instanceof TRPCError ? fromTrpc(cause) : toAppError(cause)
}
