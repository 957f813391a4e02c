import type { ErrorData } from '@marquee/shared/errors.ts'
import { initTRPC, TRPCError, tracked } from '@trpc/server'
import type { TRPC_ERROR_CODE_KEY } from '@trpc/server/rpc'
import { z } from 'zod'
import { type Actor, ensureCan, type Permission, type ScreenActor } from './access.ts'
import { type Caller, callerOf, noteCall } from './calls.ts'
import type { Deps } from './deps.ts'
import { AppError, errorData, toAppError } from './errors.ts'
import { inTurnOf, limitCaller } from './rate-limits.ts'
import type { EndOfSpan } from './telemetry/telemetry.ts'

/** What a use case may know of the request that called it. */
export type RequestFacts = {
  readonly id: string
  /** The caller's address, after trusted proxies. */
  readonly address: string
  readonly headers: Headers
  /** Who calls, once a procedure knows it; for logs. */
  caller?: Caller | undefined
}

/** A signed-in person, whether or not they look at a tenant. */
export type Person = {
  readonly userId: string
  readonly sessionId: string
  readonly name: string
  readonly email: string
  readonly operator: boolean
}

/** Who calls: looked up on demand, since the panel's session and the player's device token can be in one browser. Each throws `not-signed-in`. */
export type Who = { actor(): Promise<Actor>; person(): Promise<Person>; screen(): Promise<ScreenActor> }

/** A call that takes something away, and what exactly. */
export type DestructiveCall = {
  /** The procedure's path, e.g. `ads.remove`. */
  readonly procedure: string
  /** The parsed input. An approval is for exactly these arguments. */
  readonly input: Readonly<Record<string, unknown>>
  /** What would go, for the manager to look at. */
  readonly subjects: readonly { readonly kind: 'ad' | 'screen'; readonly id: string }[]
}

/**
 * Where destructive calls of agents wait for a manager. `pass` returns for everybody else, and for an agent whose request
 * names a granted approval of exactly this call, which is then used up. Else it throws `approval-needed`, with the
 * `approvalId` to come back with.
 */
export type Gate = { pass(actor: Actor, call: DestructiveCall): Promise<void> }

/** Tells whoever asked for it how far a long call is. */
export type Progress = (done: number, total: number, message: string) => void

export type Context = {
  readonly deps: Deps
  readonly request: RequestFacts
  readonly who: Who
  readonly gate: Gate
  /** Set where the caller asked to be told. */
  readonly progress?: Progress | undefined
  /** Headers of the answer; for cookies. */
  readonly resHeaders: Headers
}

/** What doors know of a procedure beside its schemas. */
export type Meta = {
  /** What the caller needs; set by `forMember`. Null: more than a permission, or none. */
  readonly permission?: Permission
  /** Takes something away: its resolver calls `ctx.gate.pass` before anything else. */
  readonly destructive?: boolean
  /** How REST offers it, where the rule of `rest/routes.ts` does not fit: `no` for what sets or ends a browser's cookies. */
  readonly rest?: 'no' | { readonly method: 'DELETE' }
  /** Offers the procedure to agents. That it only reads is told by its being a query. */
  readonly tool?: {
    /** As agents call it, e.g. `search_advertisements`. */
    readonly name: string
    readonly title: string
    readonly description: string
    /** Called again with the same arguments, it changes nothing more. */
    readonly idempotent?: boolean
  }
}

const statusNames: Record<number, TRPC_ERROR_CODE_KEY> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  410: 'NOT_FOUND',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  422: 'UNPROCESSABLE_CONTENT',
  429: 'TOO_MANY_REQUESTS',
  499: 'CLIENT_CLOSED_REQUEST',
  503: 'SERVICE_UNAVAILABLE',
  507: 'SERVICE_UNAVAILABLE',
}

/** Subscriptions say something at least this often; a client that hears nothing for longer connects anew. */
export const subscriptionTimes = {
  ping: { enabled: true, intervalMs: 15_000 },
  client: { reconnectAfterInactivityMs: 40_000 },
}

const t = initTRPC
  .context<Context>()
  .meta<Meta>()
  .create({
    sse: subscriptionTimes,
    errorFormatter: ({ shape, error, ctx }) => {
      const data: ErrorData & { httpStatus: number; path?: string } = {
        ...errorData(fromTrpc(error), ctx?.request.id),
        httpStatus: shape.data.httpStatus,
        ...(shape.data.path !== undefined && { path: shape.data.path }),
      }
      return { ...shape, message: fromTrpc(error).message, data }
    },
  })

/** Our error behind a tRPC one. Inputs that zod refused become `bad-input` with the first problem as a sentence. */
export function fromTrpc(error: TRPCError): AppError {
  if (error.cause instanceof z.core.$ZodError) {
    const [first] = error.cause.issues
    const field = first?.path.map(String).join('.') ?? ''
    return new AppError('bad-input', `${field ? `"${field}": ` : ''}${first?.message ?? 'The input does not fit'}`, {
      detail: { field },
    })
  }
  if (error.code === 'NOT_FOUND' && !error.cause) return new AppError('not-found', error.message)
  if (
    error.code === 'BAD_REQUEST' ||
    error.code === 'PARSE_ERROR' ||
    error.code === 'METHOD_NOT_SUPPORTED' ||
    error.code === 'UNSUPPORTED_MEDIA_TYPE'
  ) {
    return error.cause instanceof AppError ? error.cause : new AppError('bad-input', error.message)
  }
  return toAppError(error.cause ?? error)
}

const translated = t.middleware(async ({ next, ctx, path }) => {
  const { tracing } = ctx.deps
  const started = performance.now()
  const result = await (tracing
    ? tracing.span(path, { parent: ctx.request.headers.get('traceparent'), ended: spanEnd(ctx) }, () => next())
    : next())
  const error = result.ok ? null : fromTrpc(result.error)
  noteCall(ctx, { path, ms: performance.now() - started, error, ...(!result.ok && { cause: causeOf(result.error) }) })
  if (error) throw toTrpc(error)
  return result
})

function causeOf(error: TRPCError): unknown {
  return error.cause ?? error
}

/** What a span says of a call: who called and how it ended. */
function spanEnd({ request }: Context) {
  return (result: { readonly ok: true } | { readonly ok: false; readonly error: TRPCError }): EndOfSpan => {
    const { caller } = request
    const facts = {
      'marquee.request_id': request.id,
      ...(caller && { 'marquee.actor': caller.kind }),
      ...(caller?.tenantId && { 'marquee.tenant': caller.tenantId }),
    }
    return result.ok ? { facts } : { facts, failed: fromTrpc(result.error).code }
  }
}

function toTrpc(error: AppError): TRPCError {
  const code = statusNames[error.status] ?? 'INTERNAL_SERVER_ERROR'
  return new TRPCError({ code, message: error.message, cause: error })
}

/**
 * The messages of a subscription, each with the id from which a client resumes. A subscription is read after its
 * procedure has answered, so its errors get their codes here. An abort is no error: the stream just breaks off.
 */
export async function* trackedStream<T>(messages: AsyncIterable<[id: string, message: T]>) {
  try {
    for await (const [id, message] of messages) yield tracked(id, message)
  } catch (error) {
    throw error instanceof DOMException && error.name === 'AbortError' ? error : toTrpc(toAppError(error))
  }
}

export const router = t.router
export const createCallerFactory = t.createCallerFactory

/** For everyone, signed in or not. */
export const open = t.procedure.use(translated)

/** For people, keys and the command line with this permission in their tenant. `ctx.actor` names the tenant. */
export function forMember(permission: Permission) {
  return open.meta({ permission }).use(async ({ ctx, next, type }) => {
    const actor = await ctx.who.actor()
    ctx.request.caller = callerOf(actor)
    limitCaller(ctx.deps, actor)
    ensureCan(actor, permission)
    const go = () => next({ ctx: { ...ctx, actor } })
    return type === 'query' ? inTurnOf(ctx.deps, actor.tenantId, go) : go()
  })
}

/** For a signed-in person, also without a tenant. */
export const forPerson = open.use(async ({ ctx, next }) => {
  const person = await ctx.who.person()
  ctx.request.caller = callerOf(person)
  limitCaller(ctx.deps, person)
  return next({ ctx: { ...ctx, person } })
})

/** For people who run this installation. */
export const forOperator = forPerson.use(async ({ ctx, next }) => {
  if (!ctx.person.operator) throw new AppError('not-allowed', 'Only an operator of this installation may do this')
  return next()
})

/** For a paired screen. */
export const forScreen = open.use(async ({ ctx, next }) => {
  const actor = await ctx.who.screen()
  ctx.request.caller = callerOf(actor)
  limitCaller(ctx.deps, actor)
  return next({ ctx: { ...ctx, actor } })
})

/**
 * The shape of an answer, for types and documents. It is checked in tests only: what our own use cases made need not be
 * parsed again on every call.
 */
export function shape<S extends z.ZodType>(schema: S): { parse(value: unknown): z.output<S>; schema: S } {
  const check = (globalThis as { MARQUEE_CHECK_OUTPUTS?: boolean }).MARQUEE_CHECK_OUTPUTS
  // A use case typed to return it made the value.
  return { schema, parse: (value) => (check ? schema.parse(value) : (value as z.output<S>)) }
}
