import { redirect } from '@sveltejs/kit'
import { session } from '#lib/session/session.svelte.ts'

/** Everything in here is for people who are signed in. */
export async function load({ url, parent }: { url: URL; parent: () => Promise<unknown> }) {
  const [me] = await Promise.all([session.load(), parent()])
  if (!me) redirect(307, `/sign-in?next=${encodeURIComponent(url.pathname + url.search)}`)
}
