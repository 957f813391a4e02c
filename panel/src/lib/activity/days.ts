import { toLocal } from '../time/zone.ts'

export type Day<T> = { readonly date: string; readonly first: string; readonly items: T[] }

/** Entries by the day of the tenant's calendar, in the order in which they came. */
export function byDay<T extends { readonly at: string }>(entries: readonly T[], zone: string): Day<T>[] {
  const days: Day<T>[] = []
  for (const entry of entries) {
    const date = toLocal(entry.at, zone).slice(0, 10)
    const last = days.at(-1)
    if (last?.date === date) last.items.push(entry)
    else days.push({ date, first: entry.at, items: [entry] })
  }
  return days
}

/** Whether a date is today or yesterday by the zone's calendar. */
export function nearness(date: string, zone: string, now: number): 'today' | 'yesterday' | null {
  if (date === toLocal(new Date(now).toISOString(), zone).slice(0, 10)) return 'today'
  return date === toLocal(new Date(now - 86_400_000).toISOString(), zone).slice(0, 10) ? 'yesterday' : null
}
