import * as keys from '@marquee/shared/keys.ts'
import { idInput } from '@marquee/shared/wire.ts'
import { forMember, router, shape } from '../../trpc.ts'
import * as usecases from './keys.usecases.ts'

export const keysRouter = router({
  list: forMember('keys:read')
    .output(shape(keys.keyList))
    .query(({ ctx }) => usecases.listKeys(ctx.deps, ctx.actor)),
  create: forMember('keys:write')
    .input(keys.createKey)
    .output(shape(keys.createdKey))
    .mutation(({ ctx, input }) => usecases.createKey(ctx.deps, ctx.actor, input)),
  revoke: forMember('keys:write')
    .input(idInput)
    .output(shape(idInput))
    .mutation(({ ctx, input }) => usecases.revokeKey(ctx.deps, ctx.actor, input)),
})
