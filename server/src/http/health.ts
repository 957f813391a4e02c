import type { Deps } from '../deps.ts'

const minFreeBytes = 64 * 1024 * 1024

/** Whether the server can do its work: each part named, `ok` or why not. */
export async function readiness(deps: Deps): Promise<{ ok: boolean; checks: Record<string, string> }> {
  const check = async (work: () => Promise<unknown>) => {
    try {
      const answer = await work()
      return typeof answer === 'string' ? answer : 'ok'
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }
  const [database, storage, disk] = await Promise.all([
    check(() => deps.db.ping()),
    check(() => deps.storage.ping()),
    check(async () => {
      const free = await deps.storage.freeBytes()
      return free !== null && free < minFreeBytes ? `Only ${Math.round(free / 1024 / 1024)} MB are free` : 'ok'
    }),
  ])
  const checks = { database, storage, disk }
  return { ok: Object.values(checks).every((state) => state === 'ok'), checks }
}
