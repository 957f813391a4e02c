import History from '@lucide/svelte/icons/history'
import Images from '@lucide/svelte/icons/images'
import MonitorPlay from '@lucide/svelte/icons/monitor-play'
import ShieldCheck from '@lucide/svelte/icons/shield-check'
import SlidersHorizontal from '@lucide/svelte/icons/sliders-horizontal'
import Users from '@lucide/svelte/icons/users'

/** The pages of the navigation, in order. A phone reaches the approvals by their banner and from the activity. */
export const widePages = [
  { href: '/', name: 'ads', icon: Images },
  { href: '/screens', name: 'screens', icon: MonitorPlay },
  { href: '/people', name: 'people', icon: Users },
  { href: '/activity', name: 'activity', icon: History },
  { href: '/approvals', name: 'approvals', icon: ShieldCheck },
  { href: '/settings', name: 'settings', icon: SlidersHorizontal },
] as const
export const pages = widePages.filter(({ name }) => name !== 'approvals')

/** Whether a page of the navigation is the one that is shown. Pairing belongs to the screens. */
export function isCurrent(href: string, path: string): boolean {
  if (href === '/screens' && path.startsWith('/pair')) return true
  return href === '/' ? path === '/' : path === href || path.startsWith(`${href}/`)
}
