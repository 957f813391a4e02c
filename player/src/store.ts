import type { Manifest } from '@marquee/shared/manifest.ts'
import { isManifest } from './manifest-check.ts'

/** What a reload without the server goes on with. Nothing secret: the device token is in a cookie that no script reads. */
type Kept = { readonly manifest: Manifest; readonly clockAhead: number }
const key = 'marquee.kept'
const doneKey = 'marquee.done'

export function keep(kept: Kept): void {
  // Full or forbidden storage costs only that a reload needs the server.
  attempt(() => localStorage.setItem(key, JSON.stringify(kept)))
}

export function forgetKept(): void {
  attempt(() => localStorage.removeItem(key))
}

export function readKept(): Kept | null {
  return attempt(() => {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? 'null')
    if (typeof kept !== 'object' || kept === null || !('manifest' in kept) || !isManifest(kept.manifest)) return null
    return {
      manifest: kept.manifest,
      clockAhead: 'clockAhead' in kept && typeof kept.clockAhead === 'number' ? kept.clockAhead : 0,
    }
  })
}

/** The order to show something at once that was done last: a reload must not do it again. */
export function keepDone(order: string): void {
  attempt(() => localStorage.setItem(doneKey, order))
}

export function readDone(): string | null {
  return attempt(() => localStorage.getItem(doneKey))
}

function attempt<T>(action: () => T): T | null {
  try {
    return action()
  } catch {
    return null
  }
}
