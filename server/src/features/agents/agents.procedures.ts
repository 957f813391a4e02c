import * as answers from '@marquee/shared/agents.answers.ts'
import * as inputs from '@marquee/shared/agents.ts'
import { forMember, router, shape } from '../../trpc.ts'
import { awaitApproval } from './agents.approval.usecases.ts'
import * as change from './agents.change.usecases.ts'
import * as info from './agents.info.usecases.ts'
import * as loop from './agents.loop.usecases.ts'
import { tools } from './agents.tools.ts'
import * as uploads from './agents.uploads.usecases.ts'

/**
 * The tools of agents: thin words around what the other procedures do, with the same access, rules and errors. The paths
 * here are for scripts; agents know them by the names in `agents.tools.ts`.
 */
export const agentsRouter = router({
  playlist: forMember('ads:read')
    .meta({ tool: tools.playlist })
    .input(inputs.getPlaylist)
    .output(shape(answers.playlist))
    .query(({ ctx, input }) => loop.getPlaylist(ctx.deps, ctx.actor, input)),
  next: forMember('ads:read')
    .meta({ tool: tools.next })
    .input(inputs.getNext)
    .output(shape(answers.nextAdvertisement))
    .mutation(({ ctx, input }) => loop.getNext(ctx.deps, ctx.actor, input)),
  current: forMember('ads:read')
    .meta({ tool: tools.current })
    .input(inputs.getCurrent)
    .output(shape(answers.currentAdvertisement))
    .query(({ ctx, input }) => loop.getCurrent(ctx.deps, ctx.actor, input)),
  refresh: forMember('ads:read')
    .meta({ tool: tools.refresh })
    .input(inputs.refresh)
    .output(shape(answers.refreshed))
    .mutation(({ ctx, input }) => loop.refresh(ctx.deps, ctx.actor, input)),
  stats: forMember('ads:read')
    .meta({ tool: tools.stats })
    .input(inputs.getStats)
    .output(shape(answers.stats))
    .query(({ ctx }) => info.getStats(ctx.deps, ctx.actor)),
  managementInfo: forMember('ads:read')
    .meta({ tool: tools.managementInfo })
    .input(inputs.getManagementInfo)
    .output(shape(answers.managementInfo))
    .query(({ ctx, input }) => info.getManagementInfo(ctx.deps, ctx.actor, input)),
  search: forMember('ads:read')
    .meta({ tool: tools.search })
    .input(inputs.searchAdvertisements)
    .output(shape(answers.searchResults))
    .query(({ ctx, input }) => info.search(ctx.deps, ctx.actor, input)),
  remove: forMember('ads:write')
    .meta({ tool: tools.remove, destructive: true })
    .input(inputs.deleteAdvertisement)
    .output(shape(answers.deleted))
    .mutation(async ({ ctx, input, path }) => {
      const ad = await change.findToDelete(ctx.deps, ctx.actor, input)
      // By the id alone: a file name could mean another ad by the time that a manager decided.
      if (!input.dry_run)
        await ctx.gate.pass(ctx.actor, {
          procedure: path,
          input: { id: ad.id },
          subjects: [{ kind: 'ad', id: ad.id }],
        })
      return change.deleteAd(ctx.deps, ctx.actor, { ad, dryRun: input.dry_run })
    }),
  update: forMember('ads:write')
    .meta({ tool: tools.update })
    .input(inputs.updateAdvertisement)
    .output(shape(answers.updated))
    .mutation(({ ctx, input }) => change.update(ctx.deps, ctx.actor, input)),
  createUpload: forMember('ads:write')
    .meta({ tool: tools.createUpload })
    .input(inputs.createUpload)
    .output(shape(answers.upload))
    .mutation(({ ctx, input }) => uploads.begin(ctx.deps, ctx.actor, input)),
  continueUpload: forMember('ads:write')
    .meta({ tool: tools.continueUpload })
    .input(inputs.continueUpload)
    .output(shape(answers.upload))
    .mutation(({ ctx, input }) => uploads.goOn(ctx.deps, ctx.actor, input)),
  completeUpload: forMember('ads:write')
    .meta({ tool: tools.completeUpload })
    .input(inputs.completeUpload)
    .output(shape(answers.uploadCompleted))
    .mutation(({ ctx, input, signal }) =>
      uploads.complete(ctx.deps, ctx.actor, { ...input, progress: ctx.progress, signal }),
    ),
  cancelUpload: forMember('ads:write')
    .meta({ tool: tools.cancelUpload })
    .input(inputs.cancelUpload)
    .output(shape(answers.uploadCancelled))
    .mutation(({ ctx, input }) => uploads.cancel(ctx.deps, ctx.actor, input)),
  screens: forMember('screens:read')
    .meta({ tool: tools.screens })
    .input(inputs.listScreens)
    .output(shape(answers.screenPage))
    .query(({ ctx, input }) => info.getScreens(ctx.deps, ctx.actor, input)),
  play: forMember('screens:write')
    .meta({ tool: tools.play })
    .input(inputs.playAdvertisement)
    .output(shape(answers.played))
    .mutation(({ ctx, input }) => change.play(ctx.deps, ctx.actor, input)),
  approval: forMember('ads:write')
    .meta({ tool: tools.approval })
    .input(inputs.getApproval)
    .output(shape(answers.approvalAnswer))
    .query(({ ctx, input, signal }) => awaitApproval(ctx.deps, ctx.actor, { ...input, signal })),
})
