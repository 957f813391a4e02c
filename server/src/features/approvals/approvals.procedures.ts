import * as approvals from '@marquee/shared/approvals.ts'
import { forMember, router, shape } from '../../trpc.ts'
import * as usecases from './approvals.usecases.ts'

/** Destructive calls of agents that a manager grants or denies. Keys ask by making the call; they never decide. */
export const approvalsRouter = router({
  list: forMember('approvals:read')
    .output(shape(approvals.approvalList))
    .query(({ ctx }) => usecases.listApprovals(ctx.deps, ctx.actor)),
  decide: forMember('approvals:decide')
    .input(approvals.decideApproval)
    .output(shape(approvals.approval))
    .mutation(({ ctx, input }) => usecases.decideApproval(ctx.deps, ctx.actor, input)),
})
