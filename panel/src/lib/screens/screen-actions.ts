import type { Orientation, Screen } from '@marquee/shared/screens.ts'
import { api } from '../api.ts'
import { toasts } from '../ui/toasts.svelte.ts'
import { w } from '../words/words.svelte.ts'
import { complain } from './receipts.ts'
import { screens } from './screens.svelte.ts'

type Changes = Partial<Pick<Screen, 'name' | 'orientation' | 'muted' | 'shuffle'>>

/** Shows the change at once, and takes it back if the server refuses. */
export async function updateScreen(screen: Screen, changes: Changes): Promise<void> {
  screens.replace({ ...screen, ...changes })
  try {
    screens.replace(await api.screens.update.mutate({ id: screen.id, ...changes }))
  } catch (error) {
    screens.replace(screen)
    complain(error)
  }
}

export async function revokeScreen(screen: Screen): Promise<void> {
  try {
    await api.screens.revoke.mutate({ id: screen.id })
    screens.remove(screen.id)
    toasts.show({ text: w().screens.removed(screen.name), tone: 'good' })
  } catch (error) {
    complain(error)
  }
}

export const orientations: readonly Orientation[] = [0, 90, 180, 270]
