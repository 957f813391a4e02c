import * as tenants from '@marquee/shared/tenants.ts'
import { idInput } from '@marquee/shared/wire.ts'
import { forMember, forOperator, router, shape } from '../../trpc.ts'
import * as members from './members.usecases.ts'
import * as quota from './quota.usecases.ts'
import * as usecases from './tenants.usecases.ts'

/** The tenant that the caller's credential names, and, for operators, all of them. */
export const tenantsRouter = router({
  current: forMember('tenant:read')
    .output(shape(tenants.tenant))
    .query(({ ctx }) => usecases.getTenant(ctx.deps, ctx.actor)),
  update: forMember('tenant:write')
    .input(tenants.updateTenant)
    .output(shape(tenants.tenant))
    .mutation(({ ctx, input }) => usecases.updateTenant(ctx.deps, ctx.actor, input)),
  /** What the tenant uses of what it may have, before a limit bites. */
  usage: forMember('tenant:read')
    .output(shape(tenants.usage))
    .query(({ ctx }) => quota.getUsage(ctx.deps, ctx.actor)),
  setQuota: forOperator
    .input(tenants.setQuota)
    .output(shape(tenants.usage))
    .mutation(({ ctx, input }) => quota.setQuotaBy(ctx.deps, ctx.person, input)),
  listAll: forOperator.output(shape(tenants.tenantList)).query(({ ctx }) => usecases.listTenants(ctx.deps)),
  create: forOperator
    .input(tenants.createTenant)
    .output(shape(tenants.tenant))
    .mutation(({ ctx, input }) => usecases.createTenantBy(ctx.deps, ctx.person, input)),
})

export const membersRouter = router({
  list: forMember('members:read')
    .output(shape(tenants.memberList))
    .query(({ ctx }) => members.listMembers(ctx.deps, ctx.actor)),
  setRole: forMember('members:write')
    .input(tenants.setRole)
    .output(shape(tenants.member))
    .mutation(({ ctx, input }) => members.setRole(ctx.deps, ctx.actor, input)),
  remove: forMember('members:write')
    .input(tenants.removeMember)
    .output(shape(tenants.removeMember))
    .mutation(({ ctx, input }) => members.removeMember(ctx.deps, ctx.actor, input)),
  invitations: forMember('members:write')
    .output(shape(tenants.invitationList))
    .query(({ ctx }) => members.listInvitations(ctx.deps, ctx.actor)),
  invite: forMember('members:write')
    .input(tenants.createInvitation)
    .output(shape(tenants.createdInvitation))
    .mutation(({ ctx, input }) => members.createInvitation(ctx.deps, ctx.actor, input)),
  revokeInvitation: forMember('members:write')
    .input(idInput)
    .output(shape(idInput))
    .mutation(({ ctx, input }) => members.revokeInvitation(ctx.deps, ctx.actor, input)),
})
