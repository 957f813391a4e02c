import type { Key } from '@marquee/shared/keys.ts'
import type { Member, Role } from '@marquee/shared/tenants.ts'
import { api } from '../api.ts'
import { live } from '../live/live.svelte.ts'
import { complain } from '../screens/receipts.ts'
import { session } from '../session/session.svelte.ts'
import { toasts } from '../ui/toasts.svelte.ts'
import { w } from '../words/words.svelte.ts'

type Invitation = Awaited<ReturnType<typeof api.members.invitations.query>>['items'][number]

/** Members, open invitations and keys of the tenant. Only owners see the last two. */
class People {
  members = $state.raw<readonly Member[] | null>(null)
  invitations = $state.raw<readonly Invitation[]>([])
  keys = $state.raw<readonly Key[] | null>(null)
  error = $state.raw<unknown>(null)

  start(): () => void {
    void this.load()
    return live.watch(['members.changed', 'keys.changed'], () => void this.load())
  }

  async load(): Promise<void> {
    try {
      const [members, invitations, keys] = await Promise.all([
        api.members.list.query(),
        session.isOwner ? api.members.invitations.query() : { items: [] },
        session.isOwner ? api.keys.list.query() : { items: [] },
      ])
      this.members = members.items
      this.invitations = invitations.items
      this.keys = keys.items
      this.error = null
    } catch (error) {
      this.error = error
    }
  }

  async setRole(member: Member, role: Role): Promise<void> {
    await this.#change(
      () => api.members.setRole.mutate({ userId: member.userId, role }),
      w().people.roleChanged(member.name, w().roles[role]),
    )
  }

  async removeMember(member: Member): Promise<void> {
    await this.#change(() => api.members.remove.mutate({ userId: member.userId }), w().people.removed(member.name))
  }

  async withdraw(id: string): Promise<void> {
    await this.#change(() => api.members.revokeInvitation.mutate({ id }), w().people.withdrawn)
  }

  async revokeKey(key: Key): Promise<void> {
    await this.#change(() => api.keys.revoke.mutate({ id: key.id }), w().people.revoked(key.name))
  }

  /** Does it, says so or what went wrong, and shows what is true then. */
  async #change(run: () => Promise<unknown>, done: string): Promise<void> {
    try {
      await run()
      toasts.show({ text: done, tone: 'good' })
    } catch (error) {
      complain(error)
    }
    await this.load()
  }
}

export const people = new People()
