import type { Approval } from '@marquee/shared/approvals.ts'
import type { Deps } from '../../deps.ts'
import { notFound } from '../../errors.ts'
import { findAdCards } from '../ads/ads.cards.usecases.ts'
import { findScreenNames } from '../screens/screens.usecases.ts'

type Card = { readonly name: string; readonly posterUrl: string | null }
type Subject = { readonly kind: 'ad' | 'screen'; readonly id: string }
type Subjects = { readonly tenantId: string; readonly subjects: readonly Subject[] }

/** What would go, as a manager knows it. What is gone already has no name. */
export async function describeSubjects(deps: Deps, about: Subjects): Promise<Approval['subjects']> {
  const cards = await findCards(deps, about)
  return about.subjects.map(({ kind, id }) => {
    const card = cards[kind].get(id)
    return { kind, id, name: card?.name ?? null, posterUrl: card?.posterUrl ?? null }
  })
}

/** Nobody is asked about a thing that is not there, or is another tenant's. */
export async function ensureSubjects(deps: Deps, about: Subjects): Promise<void> {
  const cards = await findCards(deps, about)
  const missing = about.subjects.find(({ kind, id }) => !cards[kind].has(id))
  if (missing) throw notFound(missing.kind, missing.id)
}

async function findCards(
  deps: Deps,
  { tenantId, subjects }: Subjects,
): Promise<Record<Subject['kind'], ReadonlyMap<string, Card>>> {
  const idsOf = (kind: Subject['kind']) => subjects.filter((subject) => subject.kind === kind).map(({ id }) => id)
  const [ad, names] = await Promise.all([
    findAdCards(deps, tenantId, idsOf('ad')),
    findScreenNames(deps, tenantId, idsOf('screen')),
  ])
  return { ad, screen: new Map([...names].map(([id, name]) => [id, { name, posterUrl: null }])) }
}
