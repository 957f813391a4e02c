import type { Manifest } from '@marquee/shared/manifest.ts'

type Fields = Record<string, unknown>
const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null
const isInstant = (value: unknown) => value === null || typeof value === 'number'

/** Whether it is a manifest that this player understands; a validator would double the player's size. Unknown fields are fine. */
export function isManifest(value: unknown): value is Manifest {
  if (!isObject(value) || value.version !== 1 || !isObject(value.screen) || !Array.isArray(value.items)) return false
  return (
    typeof value.revision === 'number' &&
    typeof value.serverTime === 'number' &&
    typeof value.refreshBefore === 'number' &&
    value.items.every(isItem) &&
    (value.now === undefined || value.now === null || isOrder(value.now))
  )
}

function isOrder(order: unknown): boolean {
  return isObject(order) && typeof order.id === 'string' && typeof order.until === 'number' && isItem(order.item)
}

function isItem(item: unknown): boolean {
  return (
    isObject(item) &&
    typeof item.adId === 'string' &&
    typeof item.url === 'string' &&
    typeof item.sha256 === 'string' &&
    (item.kind === 'film' || item.kind === 'picture') &&
    typeof item.durationMs === 'number' &&
    typeof item.volume === 'number' &&
    isInstant(item.validFrom) &&
    isInstant(item.validUntil)
  )
}
