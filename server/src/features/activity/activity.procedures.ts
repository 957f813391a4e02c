import * as activity from '@marquee/shared/activity.ts'
import { forMember, router, shape } from '../../trpc.ts'
import * as usecases from './activity.usecases.ts'

export const activityRouter = router({
  list: forMember('activity:read')
    .input(activity.listActivity)
    .output(shape(activity.activityPage))
    .query(({ ctx, input }) => usecases.listActivity(ctx.deps, ctx.actor, input)),
})
