/** The zone of this device, to guess with. */
export function deviceZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'
}

/** All zones that this browser knows, UTC first. */
export function allZones(): string[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')]
}

/** An instant as the value of a `datetime-local` field that shows the zone's clock: `2026-11-24T20:25`. */
export function toLocal(iso: string, zone: string): string {
  return wallClock(new Date(iso).getTime(), zone)
}

/**
 * The instant at which the zone's clock shows this value. Where clocks go back it shows twice, and the first one counts;
 * where they go forward it never shows, and the instant right after the gap counts.
 */
export function fromLocal(local: string, zone: string): string {
  const asUtc = Date.parse(`${local.slice(0, 16)}:00.000Z`)
  if (Number.isNaN(asUtc)) throw new RangeError(`Not a local time: "${local}"`)
  const early = asUtc - offset(asUtc - 86_400_000, zone)
  const late = asUtc - offset(asUtc + 86_400_000, zone)
  const fitting = [early, late].filter((at) => wallClock(at, zone) === local.slice(0, 16))
  return new Date(fitting.length > 0 ? Math.min(...fitting) : Math.max(early, late)).toISOString()
}

/** By how much the zone's clock is ahead of UTC, in milliseconds. */
function offset(at: number, zone: string): number {
  return Date.parse(`${wallClock(at, zone)}:00.000Z`) - Math.floor(at / 60_000) * 60_000
}

function wallClock(at: number, zone: string): string {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]))
  return `${part['year']?.padStart(4, '0')}-${part['month']}-${part['day']}T${part['hour']}:${part['minute']}`
}
