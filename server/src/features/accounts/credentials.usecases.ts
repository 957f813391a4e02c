import type { Deps } from '../../deps.ts'
import type { Events } from '../../events/events.ts'
import { credentialCache } from '../../lib/credential-cache.ts'

const limits = { lifeMs: 5_000, max: 10_000 }

/** A cache of looked-up credentials per server, which forgets what an event says has changed, also in another process. */
export function cachedCredentials<T>() {
  // By the events and not by `Deps`, which is made anew for each request.
  const caches = new WeakMap<Events, ReturnType<typeof credentialCache<T>>>()
  return (deps: Deps) => {
    const known = caches.get(deps.events)
    if (known) return known
    const cache = credentialCache<T>(limits)
    caches.set(deps.events, cache)
    deps.events.listen(({ kind, subjectId }) => {
      if (subjectId !== null && (kind === 'access.changed' || kind === 'members.changed')) cache.forget(subjectId)
    })
    return cache
  }
}

/** Waits until this process has heard its own latest events, so that the next request already meets the change. */
export async function accessChanged(deps: Deps): Promise<void> {
  await deps.events.lastId()
}
