import * as accounts from '@marquee/shared/accounts.ts'
import { z } from 'zod'
import { type Context, forPerson, open, router, shape } from '../../trpc.ts'
import * as usecases from './accounts.usecases.ts'

const done = shape(z.object({ ok: z.literal(true) }))

/** Puts the session's cookies into the answer and gives the rest. */
function withCookies<T>(ctx: Context, { cookies, result }: { cookies: readonly string[]; result: T }): T {
  for (const cookie of cookies) ctx.resHeaders.append('set-cookie', cookie)
  return result
}

export const accountsRouter = router({
  serverState: open.output(shape(accounts.serverState)).query(({ ctx }) => usecases.serverState(ctx.deps)),
  setUp: open
    .meta({ rest: 'no' })
    .input(accounts.setUp)
    .output(shape(accounts.me))
    .mutation(async ({ ctx, input }) => withCookies(ctx, await usecases.setUp(ctx.deps, ctx.request, input))),
  signIn: open
    .meta({ rest: 'no' })
    .input(accounts.signIn)
    .output(shape(accounts.me))
    .mutation(async ({ ctx, input }) => withCookies(ctx, await usecases.signIn(ctx.deps, ctx.request, input))),
  signOut: open
    .meta({ rest: 'no' })
    .output(done)
    .mutation(async ({ ctx }) => withCookies(ctx, await usecases.signOut(ctx.deps, ctx.request))),
  invitation: open
    .input(accounts.invitationByToken)
    .output(shape(accounts.invitationOffer))
    .query(({ ctx, input }) => usecases.findInvitation(ctx.deps, ctx.request, input)),
  acceptInvitation: open
    .meta({ rest: 'no' })
    .input(accounts.acceptInvitation)
    .output(shape(accounts.me))
    .mutation(async ({ ctx, input }) =>
      withCookies(ctx, await usecases.acceptInvitation(ctx.deps, ctx.request, input)),
    ),
  me: forPerson.output(shape(accounts.me)).query(({ ctx }) => usecases.getMe(ctx.deps, ctx.person)),
  updateMe: forPerson
    .input(accounts.updateMe)
    .output(shape(accounts.me))
    .mutation(({ ctx, input }) => usecases.updateMe(ctx.deps, ctx.person, input)),
  switchTenant: forPerson
    .input(accounts.switchTenant)
    .output(shape(accounts.me))
    .mutation(({ ctx, input }) => usecases.switchTenant(ctx.deps, ctx.person, input)),
  changePassword: forPerson
    .input(accounts.changePassword)
    .output(done)
    .mutation(({ ctx, input }) =>
      usecases.changePassword(ctx.deps, ctx.person, { ...input, address: ctx.request.address }),
    ),
  sessions: forPerson
    .output(shape(accounts.sessionList))
    .query(({ ctx }) => usecases.listSessions(ctx.deps, ctx.person)),
  endSession: forPerson
    .input(accounts.endSession)
    .output(done)
    .mutation(({ ctx, input }) => usecases.endSession(ctx.deps, ctx.person, input)),
  /** Ends every other session; this one stays. */
  signOutEverywhere: forPerson.output(done).mutation(({ ctx }) => usecases.signOutEverywhere(ctx.deps, ctx.person)),
})
