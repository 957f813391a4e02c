import type { Actor } from './access.ts'
import type { Deps } from './deps.ts'
import type { AppError } from './errors.ts'

/** Who called, as logs and traces name it. */
export type Caller = { readonly kind: Actor['kind']; readonly id: string | null; readonly tenantId: string | null }

/** A person is also somebody who looks at no tenant. */
export function callerOf(actor: Actor | { readonly userId: string }): Caller {
  if (!('kind' in actor)) return { kind: 'person', id: actor.userId, tenantId: null }
  const { kind, tenantId } = actor
  switch (actor.kind) {
    case 'person':
      return { kind, tenantId, id: actor.userId }
    case 'key':
      return { kind, tenantId, id: actor.keyId }
    case 'screen':
      return { kind, tenantId, id: actor.screenId }
    default:
      return { kind, tenantId, id: null }
  }
}

/** A fleet says these every few seconds. */
const routine = new Set(['player.report', 'player.manifest', 'live.screen'])

type Ended = { readonly path: string; readonly ms: number; readonly error: AppError | null; readonly cause?: unknown }

/** Where a call came from. */
type Called = { readonly deps: Deps; readonly request: { readonly id: string; readonly caller?: Caller | undefined } }

/** Counts a call that ended and writes its line: who, what, how it ended, how long it took; never what was sent. */
export function noteCall({ deps, request }: Called, { path, ms, error, cause }: Ended): void {
  const code = error?.code ?? 'ok'
  deps.metrics.called(path, code, ms)
  const { caller } = request
  const facts = {
    requestId: request.id,
    procedure: path,
    code,
    ...(error?.reason !== undefined && { reason: error.reason }),
    ...(caller && { tenant: caller.tenantId, actor: caller.kind, actorId: caller.id }),
    ms: Math.round(ms * 10) / 10,
  }
  if (code === 'internal') deps.log.error({ ...facts, err: cause }, 'A procedure failed')
  else if (code === 'ok' && routine.has(path)) deps.log.debug(facts, 'Called')
  else deps.log.info(facts, code === 'ok' ? 'Called' : 'Refused')
}
