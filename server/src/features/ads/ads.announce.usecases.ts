import type { Tx } from '../../db/db.ts'
import type { Deps } from '../../deps.ts'
import { announce } from '../live/announce.usecases.ts'

/** Every change of ads can alter what a screen shows. */
export function announceAds(
  deps: Deps,
  about: { tx: Tx; tenantId: string; subjectId: string | null },
): Promise<number> {
  return announce(deps, { ...about, kind: 'ads.changed', forScreens: true })
}
