import { type playNow as playInput, playNowForMs } from '@marquee/shared/screens.ts'
import type { z } from 'zod'
import { type Actor, allow } from '../../access.ts'
import type { Deps } from '../../deps.ts'
import { notFound } from '../../errors.ts'
import { newId } from '../../lib/id.ts'
import { recordActivity } from '../activity/activity.usecases.ts'
import { getForChange } from '../ads/ads.usecases.ts'
import { announce } from '../live/announce.usecases.ts'
import { findScreen, setPlayNow } from './screens.queries.ts'
import { toScreen } from './screens.usecases.ts'

/**
 * Has a screen show an ad once, at once, whether or not it is in the loop; the loop goes on behind it. A screen that did not
 * begin with it within `playNowForMs` (it was offline) leaves it out. A second call takes the place of the first.
 */
export async function playNow(deps: Deps, actor: Actor, { id, adId }: z.output<typeof playInput>) {
  const { screen, ad, until, revision } = await deps.db.write(async (tx) => {
    const found = await findScreen(tx, id)
    if (!found) throw notFound('screen', id)
    const screen = allow(actor, 'screens:write', found)
    const { ad } = await getForChange(tx, actor, adId)
    const at = deps.clock.now().getTime()
    const until = at + playNowForMs
    await setPlayNow(tx, screen, { id: newId(), adId, at, until })
    await recordActivity(deps, actor, {
      tx,
      action: 'screen.play',
      subject: { kind: 'screen', id, name: screen.name },
      detail: { adId, title: ad.title },
    })
    const revision = await announce(deps, {
      tx,
      tenantId: screen.tenantId,
      kind: 'screens.changed',
      subjectId: id,
      forScreens: true,
    })
    return { screen, ad, until, revision }
  })
  return {
    screen: await toScreen(deps, screen),
    ad: { id: ad.id, title: ad.title },
    until: new Date(until).toISOString(),
    revision,
  }
}
