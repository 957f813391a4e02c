import { accountsRouter } from './features/accounts/accounts.procedures.ts'
import { activityRouter } from './features/activity/activity.procedures.ts'
import { adsRouter } from './features/ads/ads.procedures.ts'
import { agentsRouter } from './features/agents/agents.procedures.ts'
import { approvalsRouter } from './features/approvals/approvals.procedures.ts'
import { keysRouter } from './features/keys/keys.procedures.ts'
import { liveRouter } from './features/live/live.procedures.ts'
import { mediaRouter } from './features/media/media.procedures.ts'
import { playerRouter, screensRouter } from './features/screens/screens.procedures.ts'
import { membersRouter, tenantsRouter } from './features/tenants/tenants.procedures.ts'
import { uploadsRouter } from './features/uploads/uploads.procedures.ts'
import { router } from './trpc.ts'

/** Everything that Marquee does, for every door. */
export const appRouter = router({
  accounts: accountsRouter,
  activity: activityRouter,
  ads: adsRouter,
  agents: agentsRouter,
  approvals: approvalsRouter,
  keys: keysRouter,
  live: liveRouter,
  media: mediaRouter,
  members: membersRouter,
  player: playerRouter,
  screens: screensRouter,
  tenants: tenantsRouter,
  uploads: uploadsRouter,
})
export type AppRouter = typeof appRouter
