import { resumeInput } from '@marquee/shared/live.ts'
import { forMember, forScreen, open, router, trackedStream } from '../../trpc.ts'
import { watchPairing } from '../screens/pairing.usecases.ts'
import * as usecases from './live.usecases.ts'

export const liveRouter = router({
  /** What changed in the tenant, for the panel. After a reconnect it goes on behind the last id; `reset` means: read all anew. */
  changes: forMember('screens:read')
    .input(resumeInput)
    .subscription(({ ctx, input: { lastEventId }, signal }) =>
      trackedStream(
        usecases.watchChanges(ctx.deps, ctx.actor, { lastEventId, signal, recheck: () => ctx.who.actor() }),
      ),
    ),
  /** Tells a screen that a newer revision is there, starting with the one that is. */
  screen: forScreen
    .input(resumeInput)
    .subscription(({ ctx, signal }) => trackedStream(usecases.watchScreen(ctx.deps, ctx.actor, { signal }))),
  /** Tells a waiting screen that somebody confirmed its code, so that it need not ask again and again. */
  pairing: open
    .input(resumeInput)
    .subscription(({ ctx, signal }) => trackedStream(watchPairing(ctx.deps, ctx.request, { signal }))),
})
