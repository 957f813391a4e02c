type WithId = { readonly id: string }

/** The id right before this one in an order, or null if it is the first: what `ads.move` asks for. */
export function afterIn(order: readonly WithId[], id: string): string | null {
  const at = order.findIndex((item) => item.id === id)
  return order[at - 1]?.id ?? null
}

/** The same order with one item a step earlier or later; at the ends nothing moves. */
export function moved<T extends WithId>(order: readonly T[], id: string, by: -1 | 1): T[] {
  const next = [...order]
  const at = next.findIndex((item) => item.id === id)
  const to = at + by
  const item = next[at]
  if (item === undefined || to < 0 || to >= next.length) return next
  next.splice(at, 1)
  next.splice(to, 0, item)
  return next
}
