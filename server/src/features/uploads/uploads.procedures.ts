import * as uploads from '@marquee/shared/uploads.ts'
import { idInput } from '@marquee/shared/wire.ts'
import { forMember, router, shape } from '../../trpc.ts'
import * as usecases from './uploads.usecases.ts'

/** Uploads in parts: `create`, `sign` and `PUT` the parts, `complete`. `list` names those that can go on. */
export const uploadsRouter = router({
  create: forMember('ads:write')
    .input(uploads.createUpload)
    .output(shape(uploads.uploadState))
    .mutation(({ ctx, input }) => usecases.createUpload(ctx.deps, ctx.actor, input)),
  list: forMember('ads:write')
    .input(uploads.listUploads)
    .output(shape(uploads.uploadPage))
    .query(({ ctx, input }) => usecases.listUploads(ctx.deps, ctx.actor, input)),
  get: forMember('ads:write')
    .input(idInput)
    .output(shape(uploads.uploadState))
    .query(({ ctx, input }) => usecases.getUpload(ctx.deps, ctx.actor, input)),
  sign: forMember('ads:write')
    .input(uploads.signParts)
    .output(shape(uploads.signedParts))
    .mutation(({ ctx, input }) => usecases.signParts(ctx.deps, ctx.actor, input)),
  complete: forMember('ads:write')
    .input(uploads.completeUpload)
    .output(shape(uploads.completedUpload))
    .mutation(({ ctx, input }) => usecases.completeUpload(ctx.deps, ctx.actor, input)),
  cancel: forMember('ads:write')
    .input(idInput)
    .output(shape(idInput))
    .mutation(({ ctx, input }) => usecases.cancelUpload(ctx.deps, ctx.actor, input)),
})
