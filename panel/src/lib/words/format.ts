/** Numbers, sizes and times as people of a language write them. */
export type Format = ReturnType<typeof createFormat>

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

export function createFormat(locale: string) {
  const whole = new Intl.NumberFormat(locale)
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' })
  return {
    locale,
    number: (value: number) => whole.format(value),
    percent: (share: number) =>
      new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 }).format(share),
    bytes: (value: number) => bytes(locale, value),
    rate: (perSecond: number) => `${bytes(locale, perSecond)}/s`,
    /** 1:05 or 1:02:03, as players show it. */
    length: (ms: number) => clockLength(ms),
    list: (items: readonly string[]) => new Intl.ListFormat(locale, { type: 'conjunction' }).format(items),
    date: (iso: string, zone: string) =>
      new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: zone }).format(new Date(iso)),
    time: (iso: string, zone: string) =>
      new Intl.DateTimeFormat(locale, { timeStyle: 'short', timeZone: zone }).format(new Date(iso)),
    dateTime: (iso: string, zone: string) =>
      new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone: zone }).format(
        new Date(iso),
      ),
    day: (iso: string, zone: string) =>
      new Intl.DateTimeFormat(locale, { weekday: 'long', month: 'long', day: 'numeric', timeZone: zone }).format(
        new Date(iso),
      ),
    /** "5 min ago", "yesterday". */
    ago: (iso: string, now: number) => ago(relative, new Date(iso).getTime() - now),
    /** "20 seconds", "3 minutes": a stretch of time, roughly. */
    stretch: (ms: number) => stretch(locale, ms),
  }
}

function bytes(locale: string, value: number): string {
  let at = 0
  let scaled = value
  // By the thousand, as phones and file browsers show it.
  while (scaled >= 1000 && at < units.length - 1) {
    scaled /= 1000
    at += 1
  }
  const digits = at === 0 || scaled >= 100 ? 0 : 1
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: units[at] ?? 'byte',
    unitDisplay: 'short',
    maximumFractionDigits: digits,
  }).format(scaled)
}

function clockLength(ms: number): string {
  const total = Math.max(0, Math.round(ms / 1000))
  const two = (value: number) => String(value).padStart(2, '0')
  const hours = Math.floor(total / 3600)
  const minutes = Math.floor((total % 3600) / 60)
  return hours > 0 ? `${hours}:${two(minutes)}:${two(total % 60)}` : `${minutes}:${two(total % 60)}`
}

const steps: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_536_000_000],
  ['month', 2_592_000_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
]

function ago(format: Intl.RelativeTimeFormat, difference: number): string {
  for (const [unit, size] of steps)
    if (Math.abs(difference) >= size) return format.format(Math.trunc(difference / size), unit)
  return format.format(0, 'second')
}

function stretch(locale: string, ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000))
  const [value, unit] =
    seconds < 60
      ? [seconds, 'second']
      : seconds < 3600
        ? [Math.round(seconds / 60), 'minute']
        : [Math.round(seconds / 3600), 'hour']
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(value)
}
