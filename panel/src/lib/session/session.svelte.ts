import type { Me } from '@marquee/shared/accounts.ts'
import { api, onSignedOut } from '../api.ts'
import { live } from '../live/live.svelte.ts'
import { errorFacts } from '../words/error-words.ts'

/** Who is signed in, and what they may do in the tenant that they look at. */
class Session {
  me = $state.raw<Me | null>(null)
  readonly zone = $derived(this.me?.tenant?.timeZone ?? 'UTC')
  readonly canEdit = $derived(this.me?.role === 'owner' || this.me?.role === 'editor')
  readonly isOwner = $derived(this.me?.role === 'owner')
  #asked = false

  /** Asks the server once; later calls answer from memory. */
  async load(): Promise<Me | null> {
    if (this.#asked) return this.me
    try {
      this.take(await api.accounts.me.query())
    } catch (error) {
      if (errorFacts(error).code !== 'not-signed-in') throw error
      this.#asked = true
    }
    return this.me
  }

  take(me: Me): void {
    this.#asked = true
    this.me = me
  }

  /** Reads name, role and tenant again, after somebody changed them. */
  async refresh(): Promise<void> {
    const before = this.me?.tenant?.id
    try {
      this.take(await api.accounts.me.query())
    } catch {
      // Signed out: `onSignedOut` below leads away. Else the server is away, and what is shown stays.
      return
    }
    // Switched in another tab: no list of the other tenant may stay.
    if (before && this.me?.tenant?.id !== before) location.assign('/')
  }

  async switchTenant(tenantId: string): Promise<void> {
    await api.accounts.switchTenant.mutate({ tenantId })
    // A new page start: no list of the other tenant can stay behind.
    location.assign('/')
  }

  async signOut(): Promise<void> {
    await api.accounts.signOut.mutate()
    live.stop()
    location.assign('/sign-in')
  }
}

export const session = new Session()

onSignedOut(() => {
  if (!session.me) return
  live.stop()
  location.assign(`/sign-in?next=${encodeURIComponent(`${location.pathname}${location.search}`)}`)
})
