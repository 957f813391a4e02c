export type Theme = 'system' | 'light' | 'dark'

const storageKey = 'marquee.theme'
const dark = matchMedia('(prefers-color-scheme: dark)')

let chosen = $state<Theme>(read())

export function theme(): Theme {
  return chosen
}

export function chooseTheme(next: Theme): void {
  localStorage.setItem(storageKey, next)
  chosen = next
  show()
}

/** Shows the chosen theme, and follows the device while none is chosen. */
export function startTheme(): void {
  dark.addEventListener('change', show)
  show()
}

function read(): Theme {
  const stored = localStorage.getItem(storageKey)
  return stored === 'light' || stored === 'dark' ? stored : 'system'
}

function show(): void {
  document.documentElement.dataset['theme'] = chosen === 'system' ? (dark.matches ? 'dark' : 'light') : chosen
}
