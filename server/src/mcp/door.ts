import { type AnyRouter, callTRPCProcedure } from '@trpc/server'
import type { Deps } from '../deps.ts'
import { approvalGate } from '../features/approvals/approvals.gate.usecases.ts'
import type { Context, Progress, RequestFacts, Who } from '../trpc.ts'

/** One caller at the door: on HTTP made for each request, on stdio for the connection. */
export type Door = {
  /** `baseUrl` is the caller's. */
  readonly deps: Deps
  readonly facts: RequestFacts
  readonly who: Who
  readonly router: AnyRouter
}

type Procedure = { readonly path: string; readonly type: 'query' | 'mutation' }
type Call = {
  readonly input: unknown
  readonly approvalId?: string | null
  readonly signal: AbortSignal
  readonly progress?: Progress | undefined
}

/** Calls a procedure as any other door does: the same context, access and validation. */
export function callProcedure(door: Door, { path, type }: Procedure, call: Call): Promise<unknown> {
  const { deps, facts, who, router } = door
  const ctx: Context = {
    deps,
    request: facts,
    who,
    gate: approvalGate(deps, call.approvalId ?? null),
    progress: call.progress,
    resHeaders: new Headers(),
  }
  return callTRPCProcedure({
    router,
    path,
    type,
    ctx,
    getRawInput: async () => call.input,
    signal: call.signal,
    batchIndex: 0,
  })
}
