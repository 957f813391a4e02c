import * as ads from '@marquee/shared/ads.ts'
import { idInput } from '@marquee/shared/wire.ts'
import { forMember, router, shape } from '../../trpc.ts'
import * as lists from './ads.list.usecases.ts'
import * as many from './ads.many.usecases.ts'
import { moveAd } from './ads.order.usecases.ts'
import * as usecases from './ads.usecases.ts'

const changed = shape(ads.changedAd)

export const adsRouter = router({
  list: forMember('ads:read')
    .input(ads.listAds)
    .output(shape(ads.adPage))
    .query(({ ctx, input }) => lists.listAds(ctx.deps, ctx.actor, input)),
  get: forMember('ads:read')
    .input(idInput)
    .output(shape(ads.ad))
    .query(({ ctx, input }) => usecases.getAd(ctx.deps, ctx.actor, input)),
  tags: forMember('ads:read')
    .output(shape(ads.tagList))
    .query(({ ctx }) => lists.listTags(ctx.deps, ctx.actor)),
  create: forMember('ads:write')
    .input(ads.createAd)
    .output(changed)
    .mutation(({ ctx, input }) => usecases.createAd(ctx.deps, ctx.actor, input)),
  update: forMember('ads:write')
    .input(ads.updateAd)
    .output(changed)
    .mutation(({ ctx, input }) => usecases.updateAd(ctx.deps, ctx.actor, input)),
  move: forMember('ads:write')
    .input(ads.moveAd)
    .output(changed)
    .mutation(({ ctx, input }) => moveAd(ctx.deps, ctx.actor, input)),
  setEnabled: forMember('ads:write')
    .input(ads.setManyEnabled)
    .output(shape(ads.changedMany))
    .mutation(({ ctx, input }) => many.setManyEnabled(ctx.deps, ctx.actor, input)),
  tagMany: forMember('ads:write')
    .input(ads.tagMany)
    .output(shape(ads.changedMany))
    .mutation(({ ctx, input }) => many.tagMany(ctx.deps, ctx.actor, input)),
  remove: forMember('ads:write')
    .meta({ destructive: true })
    .input(ads.removeMany)
    .output(shape(ads.removed))
    .mutation(async ({ ctx, input, path }) => {
      const subjects = input.ids.map((id) => ({ kind: 'ad', id }) as const)
      await ctx.gate.pass(ctx.actor, { procedure: path, input, subjects })
      return many.removeMany(ctx.deps, ctx.actor, input)
    }),
  restore: forMember('ads:write')
    .input(ads.restoreMany)
    .output(shape(ads.changedMany))
    .mutation(({ ctx, input }) => many.restoreMany(ctx.deps, ctx.actor, input)),
})
