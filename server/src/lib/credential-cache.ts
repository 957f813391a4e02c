/** What a credential stands for, and the ids (session, person, key) whose change makes the answer old. */
export type Found<T> = { readonly value: T; readonly subjects: readonly string[] }

/**
 * Remembers for some seconds whom a credential names, since it is asked on every request. An answer goes at once when
 * `forget` names one of its subjects; one that was being looked up meanwhile is not kept, as it may be from before.
 */
export function credentialCache<T>({ lifeMs, max }: { readonly lifeMs: number; readonly max: number }) {
  const entries = new Map<string, Found<T> & { readonly until: number }>()
  let changes = 0
  return {
    async find(key: string, load: () => Promise<Found<T> | null>): Promise<T | null> {
      const known = entries.get(key)
      if (known && known.until > performance.now()) return known.value
      entries.delete(key)
      const before = changes
      const found = await load()
      if (found && changes === before) {
        const [oldest] = entries.keys()
        if (oldest !== undefined && entries.size >= max) entries.delete(oldest)
        entries.set(key, { ...found, until: performance.now() + lifeMs })
      }
      return found?.value ?? null
    },
    forget(subject: string): void {
      changes++
      for (const [key, { subjects }] of entries) if (subjects.includes(subject)) entries.delete(key)
    },
  }
}
