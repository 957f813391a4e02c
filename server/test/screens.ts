import type { AdDraft } from '@marquee/shared/ads.ts'
import type { Screen } from '@marquee/shared/screens.ts'
import type { Manager, ScreenActor } from '../src/access.ts'
import type { AdRow, AssetRow } from '../src/db/rows.ts'
import type { Deps } from '../src/deps.ts'
import { addAd } from '../src/features/ads/ads.usecases.ts'
import { announce } from '../src/features/live/announce.usecases.ts'
import { collectPairing, confirmPairing, startPairing } from '../src/features/screens/pairing.usecases.ts'
import { newId } from '../src/lib/id.ts'
import { hashToken } from '../src/lib/secret.ts'
import type { RequestFacts } from '../src/trpc.ts'
import type { TestApp } from './test-app.ts'

/** What a use case is told of a request with these cookies (`name=value` or whole `Set-Cookie` lines). */
export function requestWith(cookies: readonly string[] = [], address = '127.0.0.1'): RequestFacts {
  const cookie = cookies.map((line) => line.split(';')[0]).join('; ')
  return { id: newId(), address, headers: new Headers(cookie ? { cookie } : {}) }
}

export type PairedScreen = { readonly screen: Screen; readonly actor: ScreenActor; readonly headers: Headers }

/** A screen that went through the whole pairing; `headers` carry its device cookie. */
export async function pairScreen(app: TestApp, owner: Manager, name = 'Window'): Promise<PairedScreen> {
  const { code, cookie } = await startPairing(app.deps, requestWith())
  const screen = await confirmPairing(app.deps, owner, { code, name, orientation: 0, address: '127.0.0.1' })
  const { cookies } = await collectPairing(app.deps, requestWith([cookie]))
  return { screen, actor: app.screenActor(owner, screen.id), headers: requestWith(cookies.slice(0, 1)).headers }
}

/** Raises the revision of a tenant, as a changed ad does. */
export function publish(deps: Deps, owner: Manager): Promise<number> {
  return deps.db.write((tx) =>
    announce(deps, { tx, tenantId: owner.tenantId, kind: 'ads.changed', subjectId: newId(), forScreens: true }),
  )
}

/** An ad whose bytes nobody stored; for what only looks at rows. */
export async function addBareAd(
  deps: Deps,
  owner: Manager,
  { draft = {}, asset = {} }: { draft?: AdDraft; asset?: Partial<AssetRow> } = {},
): Promise<AdRow> {
  const id = newId()
  const row: AssetRow = {
    id,
    tenantId: owner.tenantId,
    category: 'ads',
    kind: 'picture',
    type: 'image/png',
    key: `${owner.tenantId}/ads/picture_${id}.png`,
    posterKey: `${owner.tenantId}/derived/poster_${id}.jpg`,
    fileName: 'picture.png',
    size: 1234,
    sha256: hashToken(id),
    width: 1920,
    height: 1080,
    durationMs: null,
    videoCodec: null,
    audioCodec: null,
    createdAt: deps.clock.now(),
    ...asset,
  }
  return await deps.db.write(async (tx) => {
    await tx.insert(tx.tables.assets).values(row)
    const ad = await addAd(deps, owner, { tx, asset: row, draft })
    await announce(deps, { tx, tenantId: owner.tenantId, kind: 'ads.changed', subjectId: ad.id, forScreens: true })
    return ad
  })
}
