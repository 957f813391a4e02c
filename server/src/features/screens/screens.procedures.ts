import { manifestV1 } from '@marquee/shared/manifest.ts'
import * as screens from '@marquee/shared/screens.ts'
import { idInput } from '@marquee/shared/wire.ts'
import { z } from 'zod'
import { forMember, forScreen, open, router, shape } from '../../trpc.ts'
import { getManifest } from './manifest.usecases.ts'
import * as pairing from './pairing.usecases.ts'
import { playNow } from './play-now.usecases.ts'
import { listPlays } from './plays.usecases.ts'
import { reportScreen } from './reports.usecases.ts'
import * as usecases from './screens.usecases.ts'

/** What managers do with screens. */
export const screensRouter = router({
  list: forMember('screens:read')
    .output(shape(screens.screenList))
    .query(({ ctx }) => usecases.listScreens(ctx.deps, ctx.actor)),
  update: forMember('screens:write')
    .input(screens.updateScreen)
    .output(shape(screens.screen))
    .mutation(({ ctx, input }) => usecases.updateScreen(ctx.deps, ctx.actor, input)),
  revoke: forMember('screens:write')
    .meta({ destructive: true })
    .input(idInput)
    .output(shape(z.object({ id: z.string() })))
    .mutation(async ({ ctx, input, path }) => {
      await ctx.gate.pass(ctx.actor, { procedure: path, input, subjects: [{ kind: 'screen', id: input.id }] })
      return usecases.revokeScreen(ctx.deps, ctx.actor, input)
    }),
  playNow: forMember('screens:write')
    .input(screens.playNow)
    .output(shape(screens.playingNow))
    .mutation(({ ctx, input }) => playNow(ctx.deps, ctx.actor, input)),
  plays: forMember('screens:read')
    .input(screens.listPlays)
    .output(shape(screens.playPage))
    .query(({ ctx, input }) => listPlays(ctx.deps, ctx.actor, input)),
  confirmPairing: forMember('screens:write')
    .input(screens.confirmPairing)
    .output(shape(screens.screen))
    .mutation(({ ctx, input }) =>
      pairing.confirmPairing(ctx.deps, ctx.actor, { ...input, address: ctx.request.address }),
    ),
})

/** What a screen itself does. `startPairing` and `pairingState` come before it has a device token. */
export const playerRouter = router({
  startPairing: open
    .meta({ rest: 'no' })
    .output(shape(screens.startedPairing))
    .mutation(async ({ ctx }) => {
      const { cookie, ...started } = await pairing.startPairing(ctx.deps, ctx.request)
      ctx.resHeaders.append('set-cookie', cookie)
      return started
    }),
  pairingState: open
    .meta({ rest: 'no' })
    .output(shape(screens.pairingState))
    .mutation(async ({ ctx }) => {
      const { cookies, state } = await pairing.collectPairing(ctx.deps, ctx.request)
      for (const cookie of cookies) ctx.resHeaders.append('set-cookie', cookie)
      return { state }
    }),
  manifest: forScreen.output(shape(manifestV1)).query(({ ctx }) => getManifest(ctx.deps, ctx.actor)),
  report: forScreen
    .input(screens.report)
    .output(shape(z.object({ revision: z.int() })))
    .mutation(({ ctx, input }) => reportScreen(ctx.deps, ctx.actor, input)),
})
