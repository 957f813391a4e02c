import type { Ad } from '@marquee/shared/ads.ts'
import { maxDurationMs, minDurationMs } from '@marquee/shared/ads.ts'
import { describe, expect, it } from 'vitest'
import { leastDuration, mostDuration } from '../time/durations.ts'
import { AdForm } from './ad-form.svelte.ts'
import { AdList, type AdPage } from './ads.svelte.ts'
import { afterIn, moved } from './order.ts'

function ad(id: string, extra: Partial<Ad> = {}): Ad {
  const at = '2026-11-24T00:00:00.000Z'
  return {
    id,
    title: id,
    description: '',
    tags: [],
    enabled: true,
    validFrom: null,
    validUntil: null,
    durationMs: null,
    fit: 'contain',
    volume: 100,
    state: 'live',
    createdAt: at,
    updatedAt: at,
    asset: {
      id,
      category: 'ads',
      kind: 'picture',
      type: 'image/png',
      fileName: 'x.png',
      size: 1,
      sha256: '0'.repeat(64),
      width: 1,
      height: 1,
      durationMs: null,
      hasSound: false,
      url: 'http://x/',
      posterUrl: null,
      createdAt: at,
    },
    ...extra,
  }
}

describe('the list of ads', () => {
  const all = Array.from({ length: 60 }, (_, at) => ad(`ad-${at}`))
  const pages = async (input: Record<string, unknown>): Promise<AdPage> => {
    const from = Number(input['cursor'] ?? 0)
    const limit = Number(input['limit'])
    const next = from + limit
    return { items: all.slice(from, next), nextCursor: next < all.length ? String(next) : null }
  }

  it('loads a page, then more, then no more', async () => {
    const list = new AdList(pages)
    await list.reload()
    expect(list.items).toHaveLength(48)
    expect(list.hasMore).toBe(true)
    await list.more()
    expect(list.items).toHaveLength(60)
    expect(list.hasMore).toBe(false)
  })
  it('keeps what was scrolled to when it refreshes', async () => {
    const list = new AdList(pages)
    await list.reload()
    await list.more()
    await list.refresh()
    expect(list.items).toHaveLength(60)
  })
  it('shows the answer to the newest question only, in whatever order answers come', async () => {
    const waiting: ((page: AdPage) => void)[] = []
    const list = new AdList(() => new Promise((resolve) => waiting.push(resolve)))
    const first = list.reload()
    const second = list.reload()
    waiting[1]?.({ items: [ad('new')], nextCursor: null })
    waiting[0]?.({ items: [ad('old')], nextCursor: null })
    await Promise.all([first, second])
    expect(list.items?.map(({ id }) => id)).toEqual(['new'])
  })
  it('keeps the error and what was shown when loading fails', async () => {
    let broken = false
    const list = new AdList(async (input) => {
      if (broken) throw new Error('away')
      return pages(input)
    })
    await list.reload()
    broken = true
    await list.reload()
    expect(list.items).toHaveLength(48)
    expect(list.error).toBeInstanceOf(Error)
  })
  it('forgets that a deleted ad was selected', async () => {
    const list = new AdList(pages)
    await list.reload()
    list.toggle('ad-1')
    list.toggle('ad-2')
    list.drop(['ad-1'])
    expect([...list.selected]).toEqual(['ad-2'])
  })
})

describe('the editor of an ad', () => {
  it('sends only what was changed', () => {
    const form = new AdForm(ad('a', { tags: ['x'] }), 'UTC')
    expect(form.changes).toEqual({})
    form.fields.title = ' New '
    form.fields.tags = ['x', 'y']
    expect(form.changes).toEqual({ title: 'New', tags: ['x', 'y'] })
  })
  it('reads times by the clock of the tenant', () => {
    const form = new AdForm(ad('a'), 'Asia/Shanghai')
    form.fields.from = '2026-12-01T08:00'
    expect(form.changes).toEqual({ validFrom: '2026-12-01T00:00:00.000Z' })
  })
  it('leaves seconds of an instant alone unless its field was touched', () => {
    const form = new AdForm(ad('a', { validUntil: '2026-12-01T00:00:59.123Z' }), 'UTC')
    expect(form.changes).toEqual({})
    form.fields.until = ''
    expect(form.changes).toEqual({ validUntil: null })
  })
  it('refuses an end before the start and a missing title', () => {
    const form = new AdForm(ad('a'), 'UTC')
    form.fields.from = '2026-12-02T00:00'
    form.fields.until = '2026-12-01T00:00'
    expect(form.endsBeforeStart).toBe(true)
    form.fields.until = ''
    form.fields.title = '  '
    expect(form.valid).toBe(false)
  })
  it('knows the limits of the shared schema', () => {
    expect([leastDuration, mostDuration]).toEqual([minDurationMs, maxDurationMs])
  })
})

describe('the order', () => {
  const order = [{ id: 'a' }, { id: 'b' }, { id: 'c' }]
  it('moves one step and stays at the ends', () => {
    expect(moved(order, 'c', -1).map(({ id }) => id)).toEqual(['a', 'c', 'b'])
    expect(moved(order, 'a', -1).map(({ id }) => id)).toEqual(['a', 'b', 'c'])
  })
  it('says after which ad one stands', () => {
    expect(afterIn(order, 'a')).toBeNull()
    expect(afterIn(order, 'c')).toBe('b')
  })
})
