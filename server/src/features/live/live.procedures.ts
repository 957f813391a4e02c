import { resumeInput } from '@marquee/shared/live.ts'
import { tracked } from '@trpc/server'
import { forMember, forScreen, open, router } from '../../trpc.ts'
import { watchPairing } from '../screens/pairing.usecases.ts'
import * as usecases from './live.usecases.ts'

export const liveRouter = router({
  /** What changed in the tenant, for the panel. After a reconnect it goes on behind the last id; `reset` means: read all anew. */
  changes: forMember('screens:read')
    .input(resumeInput)
    .subscription(async function* ({ ctx, input, signal }) {
      for await (const [id, change] of usecases.watchChanges(ctx.deps, ctx.actor, {
        ...input,
        signal,
        recheck: () => ctx.who.actor(),
      }))
        yield tracked(id, change)
    }),
  /** Tells a screen that a newer revision is there, starting with the one that is. */
  screen: forScreen.input(resumeInput).subscription(async function* ({ ctx, input, signal }) {
    for await (const [id, notice] of usecases.watchScreen(ctx.deps, ctx.actor, { ...input, signal }))
      yield tracked(id, notice)
  }),
  /** Tells a waiting screen that somebody confirmed its code, so that it need not ask again and again. */
  pairing: open.input(resumeInput).subscription(async function* ({ ctx, signal }) {
    for await (const [id, state] of watchPairing(ctx.deps, ctx.request, { signal })) yield tracked(id, state)
  }),
})
