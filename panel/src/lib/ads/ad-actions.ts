import type { Ad } from '@marquee/shared/ads.ts'
import { api } from '../api.ts'
import { complain, receipt } from '../screens/receipts.ts'
import { toasts } from '../ui/toasts.svelte.ts'
import { w } from '../words/words.svelte.ts'
import { ads } from './ads.svelte.ts'

/** At most this many ids in one call. */
const most = 500

export async function setEnabled(ids: readonly string[], enabled: boolean): Promise<void> {
  try {
    const { ads: changed, revision } = await api.ads.setEnabled.mutate({ ids: ids.slice(0, most), enabled })
    ads.take(changed)
    receipt(enabled ? w().ads.enabledMany(changed.length) : w().ads.disabledMany(changed.length), revision)
  } catch (error) {
    complain(error)
  }
}

export async function tagMany(ids: readonly string[], add: string[], remove: string[]): Promise<boolean> {
  try {
    const { ads: changed, revision } = await api.ads.tagMany.mutate({ ids: ids.slice(0, most), add, remove })
    ads.take(changed)
    void ads.loadTags()
    receipt(w().ads.tagged(changed.length), revision)
    return true
  } catch (error) {
    complain(error)
    return false
  }
}

/** Deletes at once and offers the way back until the server lets go of the bytes. */
export async function remove(ids: readonly string[]): Promise<void> {
  const before = ads.items
  ads.drop(ids)
  try {
    const removed = await api.ads.remove.mutate({ ids: ids.slice(0, most) })
    toasts.show({
      text: w().ads.deleted(removed.ids.length),
      lasts: Math.max(1_000, new Date(removed.undoUntil).getTime() - Date.now()),
      action: { label: (seconds) => w().ads.undoLeft(seconds), run: () => void restore(removed.ids) },
    })
  } catch (error) {
    ads.items = before
    complain(error)
  }
}

async function restore(ids: string[]): Promise<void> {
  try {
    const { ads: back, revision } = await api.ads.restore.mutate({ ids })
    await ads.refresh()
    receipt(w().ads.restored(back.length), revision)
  } catch (error) {
    complain(error)
  }
}

/** Throws what went wrong, for the form to show. */
export async function save(id: string, changes: Partial<Ad>): Promise<Ad> {
  const { ad, revision } = await api.ads.update.mutate({ id, ...changes })
  ads.take([ad])
  receipt(w().common.saved, revision)
  return ad
}
