import * as files from '@marquee/shared/files.ts'
import { forMember, router, shape } from '../../trpc.ts'
import * as usecases from './files.usecases.ts'

/** Files by category and stored name, as the first upload guide has them; `uploads.http.ts` takes the upload. */
export const mediaRouter = router({
  list: forMember('ads:read')
    .input(files.listFiles)
    .output(shape(files.filePage))
    .query(({ ctx, input }) => usecases.listStoredFiles(ctx.deps, ctx.actor, input)),
  delete: forMember('ads:write')
    .meta({ destructive: true, rest: { method: 'DELETE' } })
    .input(files.deleteFile)
    .output(shape(files.deletedFile))
    .mutation(async ({ ctx, input, path }) => {
      usecases.ensureClient(ctx.actor, input.client)
      const { category, filename } = input
      const found = await usecases.getFile(ctx.deps, ctx.actor, input)
      const subjects = found.adIds.map((id) => ({ kind: 'ad', id }) as const)
      await ctx.gate.pass(ctx.actor, { procedure: path, input: { category, filename }, subjects })
      return usecases.deleteStoredFile(ctx.deps, ctx.actor, found)
    }),
})
